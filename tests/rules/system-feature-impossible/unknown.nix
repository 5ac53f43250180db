{ config, ... }:
{
  nix.settings.auto-allocate-uids = config.my.uids;
  nix.settings.extra-system-features = [ "uid-range" ];
}

{ config, ... }:
{
  nix.settings.system-features = [ "gccarch-${config.my.arch}" ] ++ config.my.features;
}

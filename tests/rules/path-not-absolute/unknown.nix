{ config, ... }:
{
  nix.settings.netrc-file = config.age.secrets.netrc.path;
}

{ config, secrets, ... }:
{
  nix.extraOptions = ''
    !include ${config.sops.secrets.nix-access-tokens.path}
  '';
  nix.settings.access-tokens = [ "github.com=${secrets.github}" ];
  nix.settings.netrc-file = config.age.secrets.netrc.path;
}

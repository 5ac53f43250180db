{ config, ... }:
{
  nix.extraOptions = ''
    !include ${config.sops.secrets."nix/access-tokens".path}
    max-jobss = 4
    keep-going = true
  '';
}

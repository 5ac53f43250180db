{ pkgs, ... }:
{
  nix.extraOptions = ''
    !include ${pkgs.nix-tokens}/tokens.conf
    max-jobss = 4
    keep-going = true
  '';
}

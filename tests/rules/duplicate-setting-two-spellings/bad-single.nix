{ lib, ... }:
{
  nix.settings.keep-outputs = lib.mkForce true;
  nix.extraOptions = ''
    keep-outputs = true
    keep-derivations = true
  '';
}

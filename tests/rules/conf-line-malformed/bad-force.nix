{ lib, ... }:
{
  nix.extraOptions = lib.mkForce ''
    keep-outputs=true
  '';
}

{ lib, ... }:
{
  nix.extraOptions = lib.mkForce ''
    fallback = true;
  '';
}

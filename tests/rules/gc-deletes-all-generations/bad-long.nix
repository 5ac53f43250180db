{ lib, ... }:
{
  nix.gc = {
    automatic = lib.mkDefault true;
    options = lib.mkForce "--quiet --delete-old";
  };
}

{ lib, ... }:
{
  nix.settings = {
    min-free = lib.mkForce 1073741824;
    max-free = 2147483648;
  };
}

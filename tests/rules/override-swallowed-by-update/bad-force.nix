{ lib, ... }:
{
  nix.gc = lib.mkForce { automatic = true; } // { options = "-d"; };
}

{ lib, ... }:
lib.mkIf false {
  nix.gc = { automatic = true; } // lib.mkForce { options = "-d"; };
}

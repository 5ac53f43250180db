{ lib, ... }:
{
  # A module of the fleet asks; this machine does not.
  nix.settings.accept-flake-config = lib.mkForce true;
}

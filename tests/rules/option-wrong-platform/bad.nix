# Copied from the NixOS machine.
{ ... }:
{
  nix.gc = {
    automatic = true;
    dates = "weekly"; # Monday night
    options = "--delete-older-than 30d";
  };
}

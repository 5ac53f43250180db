{ lib, ... }:
{
  nixpkgs.hostPlatform = lib.mkDefault "x86_64-darwin";
  nix.enable = false;
}

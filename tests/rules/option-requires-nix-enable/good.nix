{
  nix.enable = false;
  nix.gc.automatic = false;
  nixpkgs.hostPlatform = "aarch64-darwin";
}

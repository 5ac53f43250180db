{
  imports = [ ./shared.nix ];
  system.stateVersion = 6;
  nixpkgs.hostPlatform = "aarch64-darwin";
}

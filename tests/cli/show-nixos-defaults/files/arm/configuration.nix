{
  nixpkgs.hostPlatform = "aarch64-linux";
  nix.channel.enable = false;
  nix.settings.cores = 2;
}

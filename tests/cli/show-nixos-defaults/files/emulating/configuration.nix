{
  nixpkgs.hostPlatform = "x86_64-linux";
  boot.binfmt.emulatedSystems = [ "aarch64-linux" ];
  nix.settings.cores = 6;
}

{
  services.nix-daemon.tempDir = "/Volumes/scratch";
}

{
  nix.settings.build-dir = "/dev/shm";
}

{
  nix.settings.build-dir = "/scratch/nix-builds";
}

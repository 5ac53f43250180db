{
  nix.settings.cores = 12;
}

{
  nix.settings.max-jobs = "auto";
  nix.settings.cores = 1;
}

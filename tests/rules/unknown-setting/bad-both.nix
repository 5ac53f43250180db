{
  nix.settings.max-jobs = 4;
  nix.settings.max-job = 8;
}

{
  nix.settings.max-jobs = 0;
}

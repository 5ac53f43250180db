{
  nix.settings.max-jobs = 12;
}

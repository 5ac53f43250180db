{
  # the same everywhere on purpose
  nix.settings.max-jobs = 4;
}

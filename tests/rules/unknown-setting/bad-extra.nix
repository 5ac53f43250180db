{
  nix.settings.extra-max-jobs = 2;
}

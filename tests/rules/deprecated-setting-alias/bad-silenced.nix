{
  # the module writes cores = 0 after this
  nix.settings.build-cores = 4;
  nix.settings.build-max-jobs = 2;
}

{
  nix.enable = true;
  nix.settings.max-jobs = 4;
}

{
  nix.gc.automatic = true;
  nix.settings.max-jobs = 4;
}

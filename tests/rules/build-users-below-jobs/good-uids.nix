{
  nix.nrBuildUsers = 0;
  nix.settings.auto-allocate-uids = true;
  nix.settings.experimental-features = [ "auto-allocate-uids" ];
  nix.settings.max-jobs = 16;
}

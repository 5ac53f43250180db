{
  determinateNix.enable = false;
  nix.settings.max-jobs = 4;
}

{
  determinateNix = {
    enable = true;
    customSettings.eval-cores = 0;
  };
  nix.settings.warn-dirty = false;
  nix.settings.max-jobs = 4;
}

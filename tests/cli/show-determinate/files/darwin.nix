{
  system.stateVersion = 6;
  nix.settings.max-jobs = 4;
  determinateNix.customSettings = {
    cores = 4;
    extra-trusted-users = [ ];
    lazy-trees = true;
  };
}

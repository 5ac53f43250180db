{
  system.defaults.dock.autohide = true;
  nix.settings = {
    auto-allocate-uids = true;
    max-jobs = 4;
  };
}

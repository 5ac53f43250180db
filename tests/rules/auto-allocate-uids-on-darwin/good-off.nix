{
  system.defaults.dock.autohide = true;
  nix.settings.auto-allocate-uids = false;
}

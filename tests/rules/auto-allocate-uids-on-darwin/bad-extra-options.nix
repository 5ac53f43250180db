{
  system.defaults.dock.autohide = true;
  nix.extraOptions = ''
    auto-allocate-uids = true
  '';
}

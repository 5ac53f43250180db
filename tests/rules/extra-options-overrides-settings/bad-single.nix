{
  system.defaults.dock.autohide = true;
  nix.settings.keep-outputs = true;
  nix.extraOptions = "keep-outputs = false";
}

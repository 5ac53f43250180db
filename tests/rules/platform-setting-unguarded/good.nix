{
  system.defaults.dock.autohide = true;
  nix.settings.extra-platforms = [ "x86_64-darwin" "aarch64-darwin" ];
}

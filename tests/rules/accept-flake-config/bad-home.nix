{
  nix.settings.accept-flake-config = true;
  nix.settings.warn-dirty = false;
}

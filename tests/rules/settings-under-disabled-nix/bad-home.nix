{
  nix.enable = false;
  nix.settings.warn-dirty = false;
}

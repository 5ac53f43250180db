{
  nix.warn-dirty = false;
  nix.registry = { };
}

{
  nix.settings = {
    keep-derivations = "enabled"; # for shells
    warn-dirty = "Off";
  };
}

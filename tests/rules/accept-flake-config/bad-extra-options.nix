{
  nix.extraOptions = ''
    accept-flake-config = true
    warn-dirty = false
  '';
}

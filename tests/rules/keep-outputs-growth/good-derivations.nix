{
  nix.settings.keep-derivations = true;
  # keep-outputs = true;
}

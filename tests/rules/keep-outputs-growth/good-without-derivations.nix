{
  # Outputs are found through derivations; without those this keeps next to nothing.
  nix.settings.keep-outputs = true;
  nix.settings.keep-derivations = false;
}

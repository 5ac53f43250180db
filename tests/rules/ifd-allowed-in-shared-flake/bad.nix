{
  nix.settings.allow-import-from-derivation = true;
}

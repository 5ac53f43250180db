{
  nix.settings.keep-outputs = true;
  nix.settings.keep-derivations = true;
  nix.settings.min-free = 10 * 1024 * 1024 * 1024;
  nix.optimise.automatic = true;
}

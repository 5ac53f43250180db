{
  nix.settings.keep-outputs = true;
  nix.settings.keep-derivations = true;
  nix.optimise.automatic = true;
  nix.gc = {
    automatic = true;
    options = "--delete-older-than 30d";
  };
}

{
  nix.settings.cores = 2;
  nix.settings.experimental-features = "nix-command";
}

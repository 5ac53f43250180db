{
  nix.settings.eval-cores = 4;
}

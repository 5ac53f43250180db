{
  nix.settings.log-lines = 50;
}

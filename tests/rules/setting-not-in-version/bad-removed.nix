{
  nix.settings.repeat = 1;
}

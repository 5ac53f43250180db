{
  nix.settings.min-free = 10737418240;
}

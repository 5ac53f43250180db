{
  nix.settings.use-cgroups = true;
}

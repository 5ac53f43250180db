{
  nix.distributedBuilds = false;
  nix.settings.builders = null;
}

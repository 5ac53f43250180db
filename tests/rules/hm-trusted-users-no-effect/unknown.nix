{ settings, ... }:
{
  nix.settings = settings;
}

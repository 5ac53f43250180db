{ folder, ... }:
{
  nix.settings.build-dir = folder;
}

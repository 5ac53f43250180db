{ disk, ... }:
{
  nix.settings.min-free = disk.size / 20;
  nix.settings.max-free = 107374182400;
}

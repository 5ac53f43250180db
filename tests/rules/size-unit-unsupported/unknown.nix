{ disk, ... }:
{
  nix.settings.min-free = disk.reserve;
  nix.settings.max-free = "${disk.maximum}G";
}

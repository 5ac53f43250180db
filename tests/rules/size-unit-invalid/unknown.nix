{ disk, ... }:
{
  nix.settings.min-free = "${disk.reserve}GiB";
  nix.settings.max-free = disk.maximum;
}

{ config, ... }:
{
  nix.settings.min-free = config.my.minFree;
}

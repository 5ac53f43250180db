{ config, ... }:
{
  nix.settings = {
    min-free = 25 * 1024 * 1024 * 1024;
    max-free = config.my.maxFree;
  };
}

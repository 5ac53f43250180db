{ config, ... }:
{
  nix.settings.min-free = config.my.disk.size / 1000;
  nix.settings.max-free = 3221225472;
}

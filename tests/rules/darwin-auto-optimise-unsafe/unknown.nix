{ lib, config, ... }:
{
  nix.settings.auto-optimise-store = config.my.optimise;
}

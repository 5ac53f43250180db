{ config, ... }:
{
  nix.settings.keep-failed = config.debug.builds;
}

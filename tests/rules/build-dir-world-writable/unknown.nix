{ config, ... }:
{
  nix.settings.build-dir = config.my.scratch;
}

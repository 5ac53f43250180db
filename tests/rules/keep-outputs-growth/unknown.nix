{ config, ... }:
{
  nix.settings.keep-outputs = config.my.developer;
  nix.settings.keep-derivations = true;
}

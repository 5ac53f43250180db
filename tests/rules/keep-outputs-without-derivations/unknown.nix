{ config, ... }:
{
  nix.settings = {
    keep-outputs = true;
    keep-derivations = config.my.keepsDerivations;
  };
}

{ inputs, ... }:
{
  nix.settings.keep-outputs = true;
  nix.settings.keep-derivations = true;
  nix.optimise.automatic = true;
  nix.gc = inputs.common.gc;
}

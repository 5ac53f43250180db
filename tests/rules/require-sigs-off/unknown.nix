{ facts, ... }:
{
  nix.settings.require-sigs = facts.nix.require-sigs;
}

{ facts, ... }:
{
  nix.settings.eval-cache = facts.nix.eval-cache;
}

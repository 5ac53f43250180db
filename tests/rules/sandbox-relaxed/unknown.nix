{ facts, ... }:
{
  nix.settings.sandbox = facts.sandbox;
}

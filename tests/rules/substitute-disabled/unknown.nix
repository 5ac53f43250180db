{ facts, ... }:
{
  nix.settings.substitute = facts.nix.substitute;
}

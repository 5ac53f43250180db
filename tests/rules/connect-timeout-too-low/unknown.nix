{ facts, ... }:
{
  nix.settings.connect-timeout = facts.nix.connect-timeout;
}

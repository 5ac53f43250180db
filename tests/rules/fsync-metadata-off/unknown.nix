{ facts, ... }:
{
  nix.settings.fsync-metadata = facts.nix.fsync-metadata;
}

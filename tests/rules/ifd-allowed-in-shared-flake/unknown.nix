{ allowed, ... }:
{
  nix.settings.allow-import-from-derivation = allowed;
}

{ lib, facts, ... }:
{
  nix.settings.sandbox-fallback = lib.mkForce facts.fallback;
}

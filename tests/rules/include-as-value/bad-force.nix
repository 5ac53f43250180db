{ lib, ... }:
{
  nix.settings.access-tokens = lib.mkForce "!include /run/secrets/nix-tokens";
}

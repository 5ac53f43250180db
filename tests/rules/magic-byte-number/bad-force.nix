{ lib, ... }:
{
  nix.settings.max-free = lib.mkForce 53687091200;
}

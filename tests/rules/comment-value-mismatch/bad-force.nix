{ lib, ... }:
{
  nix.settings.min-free = lib.mkForce 134217728; # 1 GiB
}

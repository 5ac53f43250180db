{ lib, ... }:
{
  nix.linux-builder.enable = true;
  nix.linux-builder.systems = lib.mkForce [ "x86_64-linux" ];
}

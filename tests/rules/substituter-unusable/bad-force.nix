{ lib, ... }:
{
  nix.settings.substituters = lib.mkForce [ "https://gone.acme.example" ];
}

{ lib, ... }:
{
  nix.settings.extra-substituters = lib.mkAfter [ "https://other.acme.example" ];
}

{ lib, ... }:
{
  nix.settings.access-tokens = lib.mkForce [
    "git.acme.example=k3jh4kjh5k3jh4kjh5"
  ];
}

{ lib, ... }:
{
  nix.settings.substituters = lib.mkForce [
    "https://a.acme.example"
    "https://b.acme.example"
    "https://c.acme.example"
    "https://d.acme.example"
    "https://e.acme.example"
  ];
  nix.settings.extra-substituters = [
    "https://x.acme.example"
    "https://y.acme.example"
    "https://z.acme.example"
    "https://cache.nixos.org"
  ];
}

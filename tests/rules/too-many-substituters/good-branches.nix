{ lib, atHome, ... }:
{
  nix.settings.substituters = if atHome then [
    "https://a.acme.example"
    "https://b.acme.example"
    "https://c.acme.example"
    "https://d.acme.example"
    "https://e.acme.example"
  ] else [
    "https://a.home.example"
    "https://b.home.example"
    "https://c.home.example"
    "https://d.home.example"
    "https://e.home.example"
  ];
}

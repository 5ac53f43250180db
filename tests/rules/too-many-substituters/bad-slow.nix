{
  nix.settings.extra-substituters = [
    "https://a.acme.example"
    "https://b.acme.example"
    "https://c.acme.example"
    "https://d.acme.example"
    "https://e.acme.example"
    "https://f.acme.example"
    "https://g.acme.example"
    "https://h.acme.example"
    "https://i.acme.example"
  ];
}

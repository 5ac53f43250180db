{
  nix.settings.substituters = [
    "https://a.acme.example"
    "https://b.acme.example"
    "https://c.acme.example"
    "https://d.acme.example"
    "https://e.acme.example"
    "https://a.acme.example?priority=50"
    "https://b.acme.example?priority=50"
    "https://c.acme.example?priority=50"
    "https://d.acme.example?priority=50"
    "file:///mnt/cache"
  ];
}

{
  nix.settings.substituters = [ "https://alice:hunter2hunter2@cache.acme.example" ];
  nix.settings.trusted-substituters = [ "https://k3jh4kjh5k3jh4kjh5k3@cache.acme.example/team" ];
}

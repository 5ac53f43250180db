{
  nix.settings.substituters = [ "https://gone.acme.example" ];
}

{
  system.stateVersion = 6;
  nix.settings = {
    cores = "4";
    substituters = "https://a.example.org";
  };
}

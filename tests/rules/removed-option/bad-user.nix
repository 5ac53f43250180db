{
  nix.gc.automatic = true;
  nix.gc.user = "alice";
  nix.version = "2.18";
}

{
  nix.settings.build-dir = "/var/lib/nix-builds";
}

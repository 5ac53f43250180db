{
  nix.settings.accept-flake-config = "ask"; # Lix
}

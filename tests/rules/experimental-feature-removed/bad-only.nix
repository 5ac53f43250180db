{
  nix.settings.extra-experimental-features = [ "repl-flake" ];
}

{
  nix.settings.experimental-features = [
    "nix-command"
    "flakes"
    "repl-flake" # nix repl .
  ];
}

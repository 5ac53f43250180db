{
  nix.settings.experimental-features = [
    "nix-command"
    "flakes"
    "repl-flake"
    "no-url-literals"
  ];
}

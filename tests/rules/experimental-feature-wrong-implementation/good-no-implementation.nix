{
  nix.settings.experimental-features = [ "nix-command" "pipe-operator" ];
}

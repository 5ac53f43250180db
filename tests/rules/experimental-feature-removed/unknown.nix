{ features, ... }:
{
  nix.settings.experimental-features = [ "nix-command" features.repl ];
}

{ features, ... }:
{
  nix.settings.experimental-features = features ++ [ "nix-command" ];
}

let
  features = [
    "nix-command"
    "local-overlay-store"
  ];
in
{
  nix.settings.experimental-features = features ++ [ "flakes" ];
}

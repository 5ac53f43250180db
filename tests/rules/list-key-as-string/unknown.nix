{ features, ... }:
{
  nix.settings.experimental-features = features;
}

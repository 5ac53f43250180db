{ text, ... }:
{
  nix.settings.experimental-features = [ "flakes" ];
  nix.extraOptions = text;
}

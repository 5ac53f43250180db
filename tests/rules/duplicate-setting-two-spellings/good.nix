{
  nix.settings.experimental-features = [ "flakes" ];
  nix.extraOptions = "keep-outputs = true";
}

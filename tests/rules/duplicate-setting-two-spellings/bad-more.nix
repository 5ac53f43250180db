{
  nix.settings.experimental-features = [ "flakes" ];
  nix.extraOptions = "experimental-features = nix-command flakes";
}

{
  nix.settings.experimental-features = [ "nix-command" ];
  nix.extraOptions = "experimental-features = nix-command flakes";
}

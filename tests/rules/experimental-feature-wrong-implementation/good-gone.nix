{
  nix.settings.experimental-features = [ "ca-references" ];
}

{
  nix.settings.extra-platforms = [ "x86_64-darwin" ];
}

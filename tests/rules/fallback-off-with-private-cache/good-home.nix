{
  nix.settings.extra-substituters = [ "http://nas.lan:5000" ];
}

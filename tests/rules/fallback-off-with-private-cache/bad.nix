{
  nix.settings.substituters = [ "http://nas.lan:5000" ];
}

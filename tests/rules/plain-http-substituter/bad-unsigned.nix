{
  nix.settings = {
    substituters = [ "http://nas.lan" ];
    require-sigs = false;
  };
}

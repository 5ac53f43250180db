{
  nix.settings = {
    fallback = true;
    substituters = [ "http://nas.lan:5000" ];
  };
}

{
  nix.extraOptions = ''
    extra-substituters = http://nas
  '';
}

{
  nix.extraOptions = ''
    binary-caches-parallel-connections = 200
  '';
}

{
  nix.extraOptions = ''
    narinfo-cache-negative-ttl = 0
  '';
}

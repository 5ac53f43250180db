{
  nix.settings = {
    narinfo-cache-negative-ttl = 60;
  };
}

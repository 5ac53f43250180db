{
  nix.settings = {
    narinfo-cache-negative-ttl = 0;
    narinfo-cache-positive-ttl = 2592000;
  };
}

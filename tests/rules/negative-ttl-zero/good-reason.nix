{
  # because CI fetches what it pushed a second ago
  nix.settings.narinfo-cache-negative-ttl = 0;
}

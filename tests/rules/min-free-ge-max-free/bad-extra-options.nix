{
  nix.extraOptions = ''
    min-free = 17179870000
    max-free = 4294967296
    log-lines = 128
  '';
}

{
  nix.settings = {
    min-free = 134217728; # 1 GiB
    max-free = 50 * 1024 * 1024 * 1024; # 50GB
  };
}

{
  nix.settings = {
    min-free = 1000000000; # 1 GB
    max-free = 3221225472; # 3 GiB, up to 10 GiB on servers
  };
}

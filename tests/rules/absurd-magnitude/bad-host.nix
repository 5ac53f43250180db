{
  nix.settings = {
    max-jobs = 512;
    min-free = 2 * 1024 * 1024 * 1024 * 1024; # see #12
  };
}

{
  nix.settings = {
    max-jobs = 8; # one per core
    cores = 1;
  };
}

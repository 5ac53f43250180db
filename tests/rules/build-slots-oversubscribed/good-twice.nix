{
  # Twice the threads: builds wait for disk and network.
  nix.settings = {
    max-jobs = 6;
    cores = 4;
  };
}

{
  nix.linux-builder = {
    enable = false;
    maxJobs = 8;
    config.virtualisation.cores = 4;
  };
}

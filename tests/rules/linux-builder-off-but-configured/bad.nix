{
  nix.linux-builder = {
    enable = false;
    maxJobs = 4;
    config.virtualisation.cores = 4;
  };
}

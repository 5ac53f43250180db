{
  nix.linux-builder = {
    enable = true;
    maxJobs = 4;
    config.virtualisation.cores = 4;
  };
}

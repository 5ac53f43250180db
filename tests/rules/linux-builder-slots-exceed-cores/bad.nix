{
  nix.linux-builder = {
    enable = true;
    maxJobs = 8;
    config.virtualisation.cores = 4;
  };
}

{
  determinateNix.nixosVmBasedLinuxBuilder = {
    enable = true;
    maxJobs = 8;
    config.virtualisation.cores = 4;
  };
}

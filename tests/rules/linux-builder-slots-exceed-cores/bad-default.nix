{
  nix.linux-builder = {
    enable = true;
    maxJobs = 4;
  };
}

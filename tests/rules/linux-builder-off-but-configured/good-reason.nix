{
  nix.linux-builder = {
    enable = false; # because the laptop is full
    maxJobs = 4;
  };
}

{
  nix.settings = {
    max-jobs = 1; # keep it quiet
    cores = 0;
  };
}

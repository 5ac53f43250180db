{ lib, userConfig, ... }:
{
  nix.settings = {
    # Performance tuning
    max-jobs = "auto"; # one build per thread
    cores = 0; # and all threads for each of them
    log-lines = 50;
  };
}

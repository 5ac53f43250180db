{
  nix.linux-builder = {
    enable = true;
    maxJobs = 8;
    config =
      { pkgs, ... }:
      {
        virtualisation.cores = 8;
      };
  };
}

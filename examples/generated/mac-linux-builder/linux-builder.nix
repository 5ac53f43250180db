# Builds that mac-linux-builder sends to other machines.
# `nixtune lint` checks it against their profiles.
{
  # A virtual machine with Linux. Nobody has to be a trusted user for it: the daemon logs in.
  nix.linux-builder = {
    enable = true;
    # half of 6 performance cores are 3; a quarter of 36 GiB within 4 … 16 GiB is 9 GiB,
    # enough for 3 builds of 2 GiB; 10 % of 926.4 GiB within 40 … 100 GiB is 92 GiB
    maxJobs = 3;
    config = {
      virtualisation = {
        cores = 3;
        darwin-builder = {
          memorySize = 9 * 1024;
          diskSize = 92 * 1024;
        };
      };
      # Threads for each of its builds.
      nix.settings.cores = 1;
    };
  };
}

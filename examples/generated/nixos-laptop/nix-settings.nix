# Nix on nixos-laptop: 20 threads, 31 GiB of memory, a disk of 476 GiB; balanced use.
# `nixtune lint` checks it against the machine.
{
  nix.settings = {
    # threads for each of the 4 builds
    cores = 2;
    # 15 % within 10 … 256 GiB is 71 GiB
    max-free = 71 * 1024 * 1024 * 1024;
    # 6 performance cores + 8 efficiency cores / 2 - 1 kept free = 9 threads for builds; 9
    # threads / 2 allow 4 builds at once; 4 × 2 = 8 threads
    max-jobs = 4;
    # 5 % of 476 GiB within 2 … 64 GiB is 23 GiB
    min-free = 23 * 1024 * 1024 * 1024;
  };

  nix.gc = {
    automatic = true;
    dates = "Sun 03:15";
    # 14 to 30 days; the disk of 476 GiB takes the longer
    options = "--delete-older-than 30d";
  };

  # One hour after the collection.
  nix.optimise = {
    automatic = true;
    dates = [ "Sun 04:15" ];
  };

  # Builds wait for whoever works at the machine.
  nix.daemonCPUSchedPolicy = "idle";
  nix.daemonIOSchedClass = "idle";
}

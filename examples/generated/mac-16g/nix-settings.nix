# Nix on mac-16g: 8 threads, 16 GiB of memory, a disk of 460.4 GiB; balanced use.
# `nixtune lint` checks it against the machine.
{
  nix.settings = {
    # threads for each of the 2 builds
    cores = 2;
    # 15 % within 10 … 256 GiB is 69 GiB
    max-free = 69 * 1024 * 1024 * 1024;
    # 4 performance cores + 4 efficiency cores / 2 - 1 kept free = 5 threads for builds; 5
    # threads / 2 allow 2 builds at once; 2 × 2 = 4 threads
    max-jobs = 2;
    # 5 % of 460.4 GiB within 2 … 64 GiB is 23 GiB
    min-free = 23 * 1024 * 1024 * 1024;
  };

  # launchd makes up for a run that was slept through, not for one while the machine was off.
  nix.gc = {
    automatic = true;
    # 14 to 30 days; the disk of 460.4 GiB takes the longer
    options = "--delete-older-than 30d";
  };

  # Instead of auto-optimise-store: one hour after the collection.
  nix.optimise.automatic = true;
}

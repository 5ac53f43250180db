# Nix on mbp: 12 threads, 36 GiB of memory, a disk of 926.4 GiB; balanced use.
# `nixtune lint` checks it against the machine.
{
  nix.settings = {
    # threads for each of the 4 builds
    cores = 2;
    # flakes and the commands that read them
    experimental-features = [
      "nix-command"
      "flakes"
    ];
    # 15 % within 10 … 256 GiB is 138 GiB
    max-free = 138 * 1024 * 1024 * 1024;
    # 6 performance cores + 6 efficiency cores / 2 - 1 kept free = 8 threads for builds; 8
    # threads / 2 allow 4 builds at once; 4 × 2 = 8 threads
    max-jobs = 4;
    # 5 % of 926.4 GiB within 2 … 64 GiB is 46 GiB
    min-free = 46 * 1024 * 1024 * 1024;
  };

  # launchd makes up for a run that was slept through, not for one while the machine was off.
  nix.gc = {
    automatic = true;
    # 14 to 30 days; the disk of 926.4 GiB takes the longer
    options = "--delete-older-than 30d";
  };

  # Instead of auto-optimise-store: one hour after the collection.
  nix.optimise.automatic = true;
}

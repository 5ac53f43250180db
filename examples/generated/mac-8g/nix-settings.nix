# Nix on mac-8g: 8 threads, 8 GiB of memory, a disk of 228.3 GiB; low-memory use.
# `nixtune lint` checks it against the machine.
{
  nix.settings = {
    # threads for the one build
    cores = 2;
    # 15 % within 10 … 256 GiB is 34 GiB
    max-free = 34 * 1024 * 1024 * 1024;
    # (8 GiB - 3 GiB) / 3 GiB allow 1 build at once, with 2 cores each
    max-jobs = 1;
    # 5 % of 228.3 GiB within 2 … 64 GiB is 11 GiB
    min-free = 11 * 1024 * 1024 * 1024;
  };

  # launchd makes up for a run that was slept through, not for one while the machine was off.
  nix.gc = {
    automatic = true;
    # 14 to 30 days; the disk of 228.3 GiB takes the shorter
    options = "--delete-older-than 14d";
  };

  # Instead of auto-optimise-store: one hour after the collection.
  nix.optimise.automatic = true;

  # macOS compresses memory and swaps by itself: builds leave the disk to that. ProcessType stays
  # as it is, because "Background" would keep builds on the efficiency cores.
  nix.daemonIOLowPriority = true;
}

# Nix on server-96t: 96 threads, 256 GiB of memory, a disk of 1.8 TiB; server use.
# `nixtune lint` checks it against the machine.
{
  nix.settings = {
    # threads for each of the 16 builds
    cores = 6;
    # 30 % within 80 … 512 GiB is 512 GiB
    max-free = 512 * 1024 * 1024 * 1024;
    # 96 threads / 2 allow 48 builds at once; 16 × 6 = 96 threads
    max-jobs = 16;
    # 10 % of 1.8 TiB within 20 … 160 GiB is 160 GiB
    min-free = 160 * 1024 * 1024 * 1024;
  };

  nix.gc = {
    automatic = true;
    # servers keep 7 to 14 days
    options = "--delete-older-than 14d";
  };

  # One hour after the collection.
  nix.optimise = {
    automatic = true;
    dates = [ "04:15" ];
  };
}

# The old generations of a user.
# For host: 20 threads, 31 GiB of memory, a disk of 476 GiB.
{
  nix.gc = {
    automatic = true;
    frequency = "Sun 03:15";
    options = "--delete-older-than 30d";
    persistent = true;
    randomizedDelaySec = "30min";
  };
}

{ limits, ... }:
{
  nix.settings.cores = limits.cores;
}

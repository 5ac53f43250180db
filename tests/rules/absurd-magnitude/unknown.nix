{ limits, ... }:
{
  nix.settings.max-jobs = limits.jobs;
}

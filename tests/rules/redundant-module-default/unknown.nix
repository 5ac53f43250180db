{ jobs, ... }:
{
  nix.settings.max-jobs = jobs;
}

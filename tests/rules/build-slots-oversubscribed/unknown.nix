{ machine, ... }:
{
  nix.settings.max-jobs = machine.threads;
  nix.settings.cores = 0;
}

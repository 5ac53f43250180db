{ facts, ... }:
{
  nix.settings.max-substitution-jobs = facts.nix.max-substitution-jobs;
}

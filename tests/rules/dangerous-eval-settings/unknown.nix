{ facts, ... }:
{
  nix.settings.filter-syscalls = facts.nix.filter-syscalls;
}

{ managed, ... }:
{
  nix.enable = managed;
  nix.settings.max-jobs = 4;
}

{ config, ... }:
{
  nix.nrBuildUsers = config.my.users;
  nix.settings.max-jobs = 16;
}

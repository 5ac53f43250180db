{ config, determinate, ... }:
{
  nix.enable = !determinate;
  nix.settings.max-jobs = 4;
}

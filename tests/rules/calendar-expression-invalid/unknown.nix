{ config, ... }:
{
  nix.gc = {
    automatic = true;
    dates = config.my.schedule;
    options = "--delete-older-than 30d";
  };
}

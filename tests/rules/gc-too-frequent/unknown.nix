{ config, ... }:
{
  nix.gc = {
    automatic = true;
    dates = [ "*:0/15" config.my.schedule ];
    options = "--delete-older-than 14d";
  };
}

{ config, ... }:
{
  nix.gc = {
    automatic = true;
    options = "--delete-older-than ${config.my.days}";
  };
}

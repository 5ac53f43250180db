{ config, ... }:
{
  programs.nh = {
    enable = true;
    clean.enable = config.my.usesNh;
  };
  nix.gc.automatic = true;
}

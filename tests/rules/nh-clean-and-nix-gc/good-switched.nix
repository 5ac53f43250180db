{ config, ... }:
{
  programs.nh = {
    enable = true;
    clean.enable = true;
    clean.extraArgs = "--keep 5";
  };
  nix.gc.automatic = !config.programs.nh.clean.enable;
}

{ config, ... }:
{
  nix.gc = {
    automatic = true;
    options = config.my.gcOptions;
  };
  programs.nh.clean = {
    enable = true;
    extraArgs = config.my.nhArguments;
  };
}

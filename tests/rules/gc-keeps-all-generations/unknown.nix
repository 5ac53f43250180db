{ config, ... }:
{
  nix.gc = {
    automatic = true;
    options = config.my.gcOptions;
  };
}

{ config, ... }:
{
  nix.gc.options = if config.my.laptop then "--delete-older-than 2w" else "--delete-older-than 30d";
}

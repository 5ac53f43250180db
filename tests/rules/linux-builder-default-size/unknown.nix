{ config, ... }:
{
  nix.linux-builder.enable = config.my.builder;
}

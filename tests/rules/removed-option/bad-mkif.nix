{ config, lib, ... }:
{
  nix.useDaemon = lib.mkIf config.acme.laptop true;
}

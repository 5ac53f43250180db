{ config, lib, ... }:
{
  system.defaults.dock.autohide = true;
  nix.settings = lib.mkIf config.my.linux { auto-allocate-uids = true; };
}

{ config, lib, ... }:
{
  nix.settings.system-features = lib.mkIf config.my.only [ "gccarch-znver4" ];
}

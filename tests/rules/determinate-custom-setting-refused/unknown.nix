{ lib, corporate, ... }:
{
  determinateNix.customSettings.netrc-file = lib.mkIf corporate "/etc/nix/netrc";
}

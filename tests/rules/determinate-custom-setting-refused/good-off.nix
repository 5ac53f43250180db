{
  determinateNix.enable = false;
  determinateNix.customSettings.netrc-file = "/etc/nix/netrc";
}

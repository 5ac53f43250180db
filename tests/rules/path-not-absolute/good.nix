{
  nix.settings.netrc-file = "/etc/nix/netrc";
  nix.settings.build-dir = "";
}

{
  nix.settings.netrc-file = "include /etc/nix/netrc.conf";
  nix.extraOptions = ''
    keep-outputs = true
  '';
}

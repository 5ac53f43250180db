{
  determinateNix.customSettings = {
    # the company's cache
    netrc-file = "/etc/nix/netrc";
    keep-outputs = true;
  };
}

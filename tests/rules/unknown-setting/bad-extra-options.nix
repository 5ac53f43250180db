{
  nix.extraOptions = ''
    keep-output = true
    connect-timeout = 5
  '';
}
# then reports: keep-outputs-growth

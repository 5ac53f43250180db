{
  nix.extraOptions = ''
    keep-output = true
    connect-timeout = 5
  '';
}

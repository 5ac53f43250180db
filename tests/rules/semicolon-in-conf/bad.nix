{
  nix.extraOptions = ''
    keep-going = true;
    connect-timeout = 5;
  '';
}

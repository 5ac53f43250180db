{
  nix.extraOptions = ''
    keep-failed = true
    keep-going = true
  '';
}

{
  nix.extraOptions = ''
    keep-going = on
    fallback = True
  '';
}

{
  nix.extraOptions = ''
    keep-outputs = on
    fallback = True
  '';
}

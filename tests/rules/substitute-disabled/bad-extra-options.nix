{
  nix.extraOptions = ''
    substitute = false
  '';
}

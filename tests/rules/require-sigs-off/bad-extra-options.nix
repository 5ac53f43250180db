{
  nix.extraOptions = ''
    require-sigs = false
  '';
}

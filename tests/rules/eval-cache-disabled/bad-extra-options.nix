{
  nix.extraOptions = ''
    eval-cache = false
  '';
}

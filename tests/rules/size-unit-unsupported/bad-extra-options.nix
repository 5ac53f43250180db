{
  nix.extraOptions = ''
    min-free = 1G
    keep-outputs = true
  '';
}

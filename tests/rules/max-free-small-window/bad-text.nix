{
  nix.extraOptions = ''
    min-free = 32212254720
    max-free = 33285996544
  '';
}

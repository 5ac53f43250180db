{
  nix.extraOptions = ''
    max-free = 107374182400
  '';
}

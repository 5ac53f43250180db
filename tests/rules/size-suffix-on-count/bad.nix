{
  nix.extraOptions = ''
    cores = 4G
  '';
}

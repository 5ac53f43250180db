{
  nix.extraOptions = ''
    max-jobs = 4
    cores = 2
    max-jobs = 8
  '';
}

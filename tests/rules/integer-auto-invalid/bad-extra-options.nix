{
  nix.extraOptions = ''
    max-jobs = auto
    cores = auto
  '';
}

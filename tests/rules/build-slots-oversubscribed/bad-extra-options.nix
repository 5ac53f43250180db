{
  nix.extraOptions = ''
    # speed
    max-jobs = auto
    cores = 0
  '';
}

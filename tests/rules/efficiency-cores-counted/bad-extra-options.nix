{
  nix.settings.cores = 2;
  nix.extraOptions = ''
    max-jobs = auto
    keep-going = true
  '';
}

{
  nix.extraOptions = ''
    substitution-max-jobs = 4
  '';
}

{
  nix.extraOptions = ''
    keep-outputs=true
    max-jobs = 4
  '';
}

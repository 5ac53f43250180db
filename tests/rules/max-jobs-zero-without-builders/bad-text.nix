{
  nix.distributedBuilds = true;
  nix.extraOptions = ''
    builders =
    max-jobs = 0
  '';
}

{
  nix.settings.max-jobs = 2; # 4 GiB each
  nix.settings.cores = 2;
}

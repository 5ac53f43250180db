{
  # 128 GiB for 48 builds
  nix.settings.max-jobs = 48;
  nix.settings.cores = 2;
}

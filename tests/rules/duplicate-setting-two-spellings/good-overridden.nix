{
  nix.settings.max-jobs = 4;
  nix.extraOptions = "max-jobs = 8";
}

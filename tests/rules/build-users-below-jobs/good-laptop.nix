{
  nix.settings.max-jobs = "auto";
}

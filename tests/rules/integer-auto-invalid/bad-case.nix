{
  nix.settings.max-jobs = "Auto";
}

{
  nix.settings.keep-outputs = true;
  nix.package = null;
  nix.maxJobs = 4;
}

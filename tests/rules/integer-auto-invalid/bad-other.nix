{
  nix.settings.http-connections = "auto";
  nix.settings.max-substitution-jobs = "auto";
}

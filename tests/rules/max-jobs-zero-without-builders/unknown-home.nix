{
  nix.settings.max-jobs = 0;
  nix.settings.builders = "";
}

{
  nix.settings.turbo-mode-for-builds = true;
}

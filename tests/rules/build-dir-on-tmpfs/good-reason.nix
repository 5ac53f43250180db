{
  # on purpose: only small things are built here
  nix.settings.build-dir = "/scratch";
}

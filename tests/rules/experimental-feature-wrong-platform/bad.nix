{
  nix.settings.experimental-features = [
    "nix-command"
    "flakes"
    "cgroups" # build isolation
    "auto-allocate-uids"
  ];
}

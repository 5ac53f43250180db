{
  nix.settings.auto-allocate-uids = false;
  nix.settings.extra-system-features = [ "uid-range" ];
}

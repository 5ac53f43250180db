{
  nix.settings.extra-system-features = [ "uid-range" ];
}

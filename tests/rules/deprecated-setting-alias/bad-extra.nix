{
  nix.settings.extra-binary-caches = [ "https://nix-community.cachix.org" ];
}

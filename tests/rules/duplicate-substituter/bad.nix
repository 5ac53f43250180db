{
  nix.settings.substituters = [
    "https://nix-community.cachix.org"
    "https://devenv.cachix.org"
    "https://nix-community.cachix.org/" # again
  ];
}

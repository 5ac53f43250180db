let
  caches = [
    "https://cosmic.cachix.org/"
    "https://nix-community.cachix.org"
  ];
in
{
  nix.settings.substituters = caches;
}

let
  base = [ "https://nix-community.cachix.org" ];
in
{
  nix.settings.substituters = base ++ [
    "https://devenv.cachix.org"
    "https://nix-community.cachix.org"
  ];
}

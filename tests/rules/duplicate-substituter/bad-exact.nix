{ ... }:
{
  nix = {
    settings = {
      extra-substituters = [
        "https://helix.cachix.org"
        "https://helix.cachix.org"
      ];
    };
  };
}

{ more, ... }:
{
  home.stateVersion = "26.05";
  nix.settings = {
    extra-substituters = [ "https://nix-community.cachix.org" ];
  }
  // more;
}

{
  home.stateVersion = "26.05";
  nix.settings = {
    # themes
    substituters = [ "https://catppuccin.cachix.org" ];
    trusted-public-keys = [ "catppuccin.cachix.org-1:noG/4HkbhJb+lUAdKrph6LaozJvAeEEZj4N732IysmU=" ];
  };
}

{
  system.defaults.dock.autohide = true;
  determinateNix.customSettings = {
    trusted-substituters = "https://cache.nixos.org";
    extra-trusted-substituters = [ "https://nix-community.cachix.org" ];
  };
}

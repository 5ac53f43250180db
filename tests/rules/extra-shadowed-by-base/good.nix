{
  boot.loader.grub.enable = true;
  nix.settings = {
    substituters = [ "https://cache.example.org" ];
    extra-substituters = [ "https://nix-community.cachix.org" ];
  };
}

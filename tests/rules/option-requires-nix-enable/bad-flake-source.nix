{
  nix.enable = false;
  nixpkgs.flake.setNixPath = true;
  services.lorri.enable = true;
}

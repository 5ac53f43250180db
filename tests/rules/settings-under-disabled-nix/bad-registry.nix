{ inputs, ... }:
{
  nix.enable = false;
  nix.registry.nixpkgs.flake = inputs.nixpkgs;
  nix.distributedBuilds = true;
}

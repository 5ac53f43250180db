{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixpkgs-unstable";
  inputs.nix-darwin.url = "github:nix-darwin/nix-darwin";
  outputs =
    { nixpkgs, nix-darwin, ... }:
    {
      darwinConfigurations.mbp = nix-darwin.lib.darwinSystem { modules = [ ./darwin/default.nix ]; };
      homeConfigurations.astrid = null;
    };
}

# A fleet: two Macs, a server, and one home on all of them.
{
  description = "Machines of the Lindgren household";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixpkgs-unstable";
    nix-darwin.url = "github:nix-darwin/nix-darwin";
    nix-darwin.inputs.nixpkgs.follows = "nixpkgs";
    home-manager.url = "github:nix-community/home-manager";
    home-manager.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs =
    inputs@{ self, nixpkgs, nix-darwin, home-manager, ... }:
    let
      inherit (nixpkgs) lib;

      people = import ./people.nix;

      # The file of a host says the rest.
      mkHost =
        builder: homes: system: name:
        builder {
          specialArgs = { inherit inputs people; };
          modules = [
            { nixpkgs.hostPlatform = system; }
            ./hosts/${name}.nix
            ./modules/fleet.nix
            ./modules/nix.nix
            homes
            {
              home-manager.extraSpecialArgs = { inherit people; };
              home-manager.users.${people.owner} = import ./home/owner.nix;
            }
          ];
        };

      mkMac = mkHost nix-darwin.lib.darwinSystem home-manager.darwinModules.home-manager;
      mkServer = mkHost lib.nixosSystem home-manager.nixosModules.home-manager;
    in
    {
      darwinConfigurations = lib.genAttrs [ "hazel" "rowan" ] (mkMac "aarch64-darwin");
      nixosConfigurations.alder = mkServer "x86_64-linux" "alder";
    };
}

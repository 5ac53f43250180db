{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    nix-darwin.url = "github:nix-darwin/nix-darwin";
    agenix.url = "github:ryantm/agenix";
  };

  outputs =
    inputs@{ self, nixpkgs, ... }:
    let
      inherit (nixpkgs) lib;
      hosts = {
        birch = { system = "x86_64-linux"; cores = 16; };
        cedar = { system = "aarch64-linux"; cores = 4; };
      };
      common = name: host: {
        specialArgs = { inherit inputs host name; };
        modules = [ ./common.nix { networking.hostName = name; } ];
      };
    in
    {
      nixosConfigurations = lib.mapAttrs (
        name: host: lib.nixosSystem (common name host // { inherit (host) system; })
      ) hosts;

      darwinConfigurations = lib.genAttrs [ "maple" "aspen" ] (
        name:
        inputs.nix-darwin.lib.darwinSystem (
          common name { system = "aarch64-darwin"; cores = 8; } // { system = "aarch64-darwin"; }
        )
      );
    };
}

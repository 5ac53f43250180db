{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
  inputs.nix-darwin.url = "github:nix-darwin/nix-darwin";
  outputs =
    { nixpkgs, nix-darwin, ... }:
    let
      people.nix.settings.allowed-users = [ "@wheel" ];
    in
    {
      nixosConfigurations.box = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [ people ];
      };
      darwinConfigurations.mac = nix-darwin.lib.darwinSystem {
        system = "aarch64-darwin";
        modules = [ people ];
      };
    };
}

{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs =
    { nixpkgs, ... }:
    {
      nixosConfigurations = {
        laptop = nixpkgs.lib.nixosSystem { modules = [ ./common.nix ]; };
        desktop = nixpkgs.lib.nixosSystem { modules = [ ./common.nix ]; };
      };
    };
}

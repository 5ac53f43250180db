{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs =
    { nixpkgs, ... }:
    {
      nixosConfigurations = {
        laptop = nixpkgs.lib.nixosSystem { modules = [ ./common.nix ]; };
        other = nixpkgs.lib.nixosSystem { modules = [ ./common.nix ]; };
      };
    };
}

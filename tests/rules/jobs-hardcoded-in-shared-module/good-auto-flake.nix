{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs =
    { nixpkgs, ... }:
    {
      nixosConfigurations = {
        laptop = nixpkgs.lib.nixosSystem { modules = [ ./auto.nix ]; };
        server = nixpkgs.lib.nixosSystem { modules = [ ./auto.nix ]; };
      };
    };
}

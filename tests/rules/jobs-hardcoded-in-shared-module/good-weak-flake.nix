{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs =
    { nixpkgs, ... }:
    {
      nixosConfigurations = {
        laptop = nixpkgs.lib.nixosSystem { modules = [ ./weak.nix ]; };
        server = nixpkgs.lib.nixosSystem { modules = [ ./weak.nix ]; };
      };
    };
}

{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs =
    { nixpkgs, ... }:
    {
      nixosConfigurations = {
        laptop = nixpkgs.lib.nixosSystem { modules = [ ./reason.nix ]; };
        server = nixpkgs.lib.nixosSystem { modules = [ ./reason.nix ]; };
      };
    };
}

{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs =
    { nixpkgs, ... }:
    {
      nixosConfigurations = {
        laptop = nixpkgs.lib.nixosSystem { modules = [ ./common.nix ]; };
        server = nixpkgs.lib.nixosSystem {
          modules = [
            ./common.nix
            (
              { lib, ... }:
              {
                nix.settings.max-jobs = lib.mkForce 16;
                nix.settings.cores = lib.mkForce 4;
              }
            )
          ];
        };
      };
    };
}

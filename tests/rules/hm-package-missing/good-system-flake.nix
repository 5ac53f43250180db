{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  inputs.home-manager.url = "github:nix-community/home-manager";
  outputs =
    { nixpkgs, home-manager, ... }:
    {
      nixosConfigurations.desk = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          home-manager.nixosModules.home-manager
          {
            system.stateVersion = "26.05";
            home-manager.users.alice = {
              home.stateVersion = "26.05";
              nix.settings.max-jobs = 4;
            };
          }
        ];
      };
    };
}

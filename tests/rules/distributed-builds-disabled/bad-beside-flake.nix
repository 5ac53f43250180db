# then reports: builder-host-key-missing
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  inputs.disko.url = "github:nix-community/disko";
  inputs.home-manager.url = "github:nix-community/home-manager";
  outputs =
    { nixpkgs, disko, home-manager, ... }:
    {
      nixosConfigurations.box = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          disko.nixosModules.disko
          home-manager.nixosModules.home-manager
          {
            nix.settings.builders-use-substitutes = true;
            nix.buildMachines = [
              {
                hostName = "build01";
                system = "x86_64-linux";
                maxJobs = 8;
                supportedFeatures = [ "big-parallel" ];
              }
            ];
          }
        ];
      };
    };
}

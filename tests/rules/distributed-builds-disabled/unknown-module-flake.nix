{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  inputs.fleet.url = "github:acme/fleet";
  outputs =
    { nixpkgs, fleet, ... }:
    {
      nixosConfigurations.box = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          fleet.nixosModules.default
          {
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

{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs =
    { nixpkgs, ... }:
    {
      nixosConfigurations.box = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          ({ modulesPath, ... }: { imports = [ (modulesPath + "/profiles/hardened.nix") ]; })
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

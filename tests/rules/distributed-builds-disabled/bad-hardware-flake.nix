# then reports: builder-host-key-missing
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs =
    { nixpkgs, ... }:
    {
      nixosConfigurations.box = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          (
            { modulesPath, ... }:
            {
              imports = [
                (modulesPath + "/installer/scan/not-detected.nix")
                "${modulesPath}/profiles/qemu-guest.nix"
              ];
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
          )
        ];
      };
    };
}

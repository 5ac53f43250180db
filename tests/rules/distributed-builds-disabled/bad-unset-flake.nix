# then reports: builders-use-substitutes-off
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs =
    { nixpkgs, ... }:
    {
      nixosConfigurations.desk = nixpkgs.lib.nixosSystem {
        modules = [
          {
            nix.buildMachines = [
              { hostName = "build01"; system = "x86_64-linux"; maxJobs = 8; supportedFeatures = [ "big-parallel" ]; publicHostKey = "c3NoLWVkMjU1MTkgQUFBQQo="; }
            ];
          }
        ];
      };
    };
}

{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs =
    { nixpkgs, ... }:
    {
      nixosConfigurations.desk = nixpkgs.lib.nixosSystem {
        modules = [
          {
            nix.distributedBuilds = true;
            environment.etc."nix/machines".text = "build01 x86_64-linux";
          }
        ];
      };
    };
}

{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs =
    { nixpkgs, ... }:
    {
      nixosConfigurations.desk = nixpkgs.lib.nixosSystem {
        modules = [
          {
            nix.settings.max-jobs = 0;
          }
        ];
      };
    };
}

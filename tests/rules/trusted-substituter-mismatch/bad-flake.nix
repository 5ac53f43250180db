{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
  nixConfig.extra-substituters = [
    "https://cache.acme.example?priority=10"
  ];
  outputs =
    { nixpkgs, ... }:
    {
      nixosConfigurations.box = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          {
            nix.settings.trusted-substituters = [ "https://cache.acme.example" ];
          }
        ];
      };
    };
}

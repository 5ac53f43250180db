{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
  nixConfig.extra-substituters = [ "https://cache.acme.example" ];
  outputs =
    { nixpkgs, ... }:
    let
      host =
        caches:
        nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          modules = [ { nix.settings.substituters = caches; } ];
        };
    in
    {
      nixosConfigurations.one = host [ "https://cache.acme.example" ];
      nixosConfigurations.two = host [ "https://cache.acme.example?priority=50" ];
    };
}

{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs =
    { nixpkgs, ... }:
    {
      nixosConfigurations.desk = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          {
            system.stateVersion = "26.05";
            nix.settings.trusted-users = [ "bob" ];
            home-manager.users.alice = {
              home.stateVersion = "26.05";
              nix.settings.keep-outputs = true;
            };
          }
        ];
      };
    };
}

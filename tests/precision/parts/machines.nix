{ self, inputs, lib, ... }:
let
  machine =
    name: modules:
    inputs.nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [
        self.nixosModules.upkeep
        inputs.home-manager.nixosModules.home-manager
        { networking.hostName = name; }
      ]
      ++ modules;
    };
in
{
  flake.nixosConfigurations = builtins.listToAttrs (
    lib.mapAttrsToList (name: modules: lib.nameValuePair name (machine name modules)) {
      oak = [ { upkeep.days = 14; } ];
      elm = [
        {
          upkeep.enable = false;
          home-manager.users.ada.imports = [ ./ada.nix ];
        }
      ];
    }
  );
}

{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    home-manager.url = "github:nix-community/home-manager";
    darwin.url = "github:LnL7/nix-darwin";
  };

  outputs =
    inputs@{ nixpkgs, home-manager, darwin, ... }:
    let
      people = {
        mira = { trusted = true; };
        noor = { trusted = false; };
      };
      home = user: {
        imports = [ ./home.nix ];
        home.username = user;
      };
    in
    {
      homeConfigurations = builtins.mapAttrs (
        user: person:
        home-manager.lib.homeManagerConfiguration {
          pkgs = nixpkgs.legacyPackages.x86_64-linux;
          extraSpecialArgs = { inherit person; };
          modules = [ (home user) ];
        }
      ) people;

      darwinConfigurations.plum = darwin.lib.darwinSystem {
        system = "aarch64-darwin";
        specialArgs = { inherit inputs; };
        modules = [
          ./plum.nix
          home-manager.darwinModules.home-manager
          {
            home-manager.extraSpecialArgs = { person = people.mira; };
            home-manager.sharedModules = [ { nix.settings.use-xdg-base-directories = true; } ];
            home-manager.users.mira = import ./home.nix;
          }
        ];
      };
    };
}

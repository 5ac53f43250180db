{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  inputs.home-manager.url = "github:nix-community/home-manager";
  outputs =
    { nixpkgs, home-manager, ... }:
    {
      homeConfigurations.alice = home-manager.lib.homeManagerConfiguration {
        pkgs = nixpkgs.legacyPackages.x86_64-linux;
        modules = [
          {
            home.username = "alice";
            home.stateVersion = "26.05";
            nix.package = null;
            nix.extraOptions = "keep-going = true";
          }
        ];
      };
    };
}

{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs =
    { nixpkgs, ... }:
    let
      common.nix.gc = {
        automatic = true;
        options = "--delete-older-than 14d";
      };
    in
    {
      nixosConfigurations.laptop = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          common
          {
            programs.nh.clean.enable = true;
            programs.nh.clean.extraArgs = "--keep-since 14d";
          }
        ];
      };
      nixosConfigurations.server = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [ common ];
      };
    };
}

{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs =
    { nixpkgs, ... }:
    let
      common.nix.settings.max-jobs = 4;
    in
    {
      nixosConfigurations = {
        laptop = nixpkgs.lib.nixosSystem { modules = [ common ]; };
        server = nixpkgs.lib.nixosSystem { modules = [ common ]; };
      };
    };
}

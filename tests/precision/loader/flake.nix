{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.nix-darwin.url = "github:nix-darwin/nix-darwin";

  outputs =
    { nixpkgs, nix-darwin, ... }:
    let
      inherit (nixpkgs) lib;
      modulesIn =
        dir:
        lib.concatLists (
          lib.mapAttrsToList (
            name: kind:
            let
              path = dir + "/${name}";
            in
            if kind == "directory" then
              modulesIn path
            else
              lib.optional (lib.hasSuffix ".nix" name && !lib.hasPrefix "_" name) path
          ) (builtins.readDir dir)
        );
      names = map (lib.removeSuffix ".nix") (builtins.attrNames (builtins.readDir ./hosts));
    in
    {
      darwinConfigurations = lib.genAttrs names (
        name:
        nix-darwin.lib.darwinSystem {
          modules = modulesIn ./modules ++ [ (./hosts + "/${name}.nix") ];
        }
      );
    };
}

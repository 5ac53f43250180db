{
  description = "Linter, fixer, generator and analyzer for the configuration of Nix itself, fitted to your hardware";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      systems = [
        "aarch64-darwin"
        "aarch64-linux"
        "x86_64-darwin"
        "x86_64-linux"
      ];
      forEachSystem = f: lib.genAttrs systems (system: f nixpkgs.legacyPackages.${system});
      own = pkgs: self.packages.${pkgs.stdenv.hostPlatform.system}.nixtune;
      module = import ./nix/module.nix { inherit self; };
    in
    {
      overlays.default = final: _: { nixtune = final.callPackage ./nix/package.nix { }; };

      packages = forEachSystem (
        pkgs:
        let
          nixtune = pkgs.callPackage ./nix/package.nix { };
        in
        {
          inherit nixtune;
          default = nixtune;
        }
      );

      apps = forEachSystem (pkgs: {
        default = {
          type = "app";
          program = lib.getExe (own pkgs);
          meta.description = "Lint and mend the configuration of Nix";
        };
      });

      # The package, and what it says about the examples of this repository.
      checks = forEachSystem (pkgs: {
        nixtune = own pkgs;
        examples = pkgs.runCommand "nixtune-examples" { nativeBuildInputs = [ (own pkgs) ]; } ''
          nixtune lint --fail-on never --format concise ${./examples} > $out
        '';
      });

      devShells = forEachSystem (pkgs: {
        default = pkgs.mkShell {
          inputsFrom = [ (own pkgs) ];
          packages = [
            pkgs.clippy
            pkgs.rust-analyzer
            pkgs.rustfmt
          ];
        };
      });

      formatter = forEachSystem (pkgs: pkgs.nixfmt);

      # `programs.nixtune.enable` for each module system.
      nixosModules.default = module { policyBelow = "etc"; };
      darwinModules.default = module { policyBelow = "etc"; };
      homeModules.default = module { policyBelow = "home"; };

      # For treefmt-nix: `settings.formatter.nixtune`.
      treefmtModules.default = import ./nix/treefmt.nix { inherit self; };

      # For git-hooks.nix: `hooks.nixtune`.
      gitHooksModules.default = import ./nix/git-hooks.nix { inherit self; };
    };
}

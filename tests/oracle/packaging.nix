# What the flake of this repository gives, with stand-ins for nixpkgs: its functions take what they
# are called with, and build nothing. `root` is the repository, `base` the rest of lib.
{ root, base }:
let
  inherit (builtins) attrNames deepSeq functionArgs intersectAttrs mapAttrs pathExists readFile;
  modules = import ./modules.nix base;
  lib = modules.lib // {
    types = modules.types // { package = modules.types.attrs; };
    getExe = package: "${package.outPath}/bin/${package.meta.mainProgram}";
    importTOML = path: fromTOML (readFile path);
    literalExpression = text: { inherit text; };
    optionalString = condition: text: if condition then text else "";
    licenses = { mit = "MIT"; asl20 = "Apache-2.0"; };
    # Whatever is named has to be there.
    fileset = {
      unions = paths: map (path: assert pathExists path; path) paths;
      toSource = { root, fileset }: deepSeq fileset root;
    };
  };
  pkgsFor = system:
    let
      pkgs = {
        inherit lib;
        stdenv = {
          hostPlatform = { inherit system; };
          buildPlatform = { inherit system; canExecute = platform: true; };
        };
        callPackage = file: arguments:
          let function = import file; in
          function (intersectAttrs (functionArgs function) pkgs // arguments);
        rustPlatform.buildRustPackage = arguments:
          arguments // { type = "derivation"; outPath = "/nix/store/nixtune-${system}"; };
        formats.toml = _: {
          type = lib.types.attrs;
          generate = name: value: { inherit name value; };
        };
        runCommand = name: environment: script: { inherit name environment script; };
        mkShell = arguments: arguments;
      } // base.genAttrs [ "installShellFiles" "clippy" "rust-analyzer" "rustfmt" "nixfmt" ] (name: name);
    in
    pkgs;
  systems = [ "aarch64-darwin" "aarch64-linux" "x86_64-darwin" "x86_64-linux" ];
  nixpkgs = {
    inherit lib;
    legacyPackages = base.genAttrs systems pkgsFor;
  };
  flake = import (root + "/flake.nix");
  self = flake.outputs { inherit self nixpkgs; } // { outPath = root; };

  on = "x86_64-linux";
  config = module: options: settings:
    (lib.evalModules {
      specialArgs = { inherit lib; pkgs = pkgsFor on; };
      modules = [ module settings { inherit options; } ];
    }).config;
  any = lib.mkOption { type = lib.types.attrsOf lib.types.attrs; default = { }; };
  packages = lib.mkOption { type = lib.types.listOf lib.types.attrs; default = [ ]; };
  settings = { programs.nixtune = { enable = true; policy.lint.preview = true; }; };
  system = config self.nixosModules.default
    { environment = { systemPackages = packages; etc = any; }; }
    settings;
  home = config self.homeModules.default
    { home = { inherit packages; }; xdg.configFile = any; }
    settings;
  off = config self.darwinModules.default
    { environment = { systemPackages = packages; etc = any; }; }
    { };
in
{
  outputs = mapAttrs (_: attrNames) (removeAttrs self [ "outPath" ]);
  inherit (self.packages.${on}.default) pname version;
  src = toString self.packages.${on}.default.src;
  program = self.apps.${on}.default.program;
  systems = attrNames self.packages;
  overlay = (self.overlays.default (pkgsFor on) { }).nixtune.pname;
  examples = self.checks.${on}.examples.script;
  system = {
    packages = map (package: package.pname) system.environment.systemPackages;
    inherit (system.environment) etc;
  };
  home = {
    packages = map (package: package.pname) home.home.packages;
    files = home.xdg.configFile;
  };
  off = off.environment;
  treefmt = (self.treefmtModules.default { inherit lib; pkgs = pkgsFor on; }).settings.formatter.nixtune;
  hook = (self.gitHooksModules.default { inherit lib; pkgs = pkgsFor on; }).hooks.nixtune;
}

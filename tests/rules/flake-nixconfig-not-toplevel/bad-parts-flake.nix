{
  inputs.flake-parts.url = "github:hercules-ci/flake-parts";
  outputs =
    inputs@{ flake-parts, ... }:
    flake-parts.lib.mkFlake { inherit inputs; } {
      systems = [ "x86_64-linux" ];
      flake.nixConfig = {
        extra-substituters = [ "https://cache.numtide.com" ];
      };
    };
}

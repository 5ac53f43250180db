{ lib, ... }:
let
  nodes = {
    build01 = "build01.acme.example";
    build02 = "build02.acme.example";
  };
in
{
  nix.settings.extra-substituters = lib.mapAttrsToList (_: node: "http://${node}") nodes;
}

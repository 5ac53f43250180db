{ config, lib, ... }:
lib.mkMerge [
  (lib.mkIf config.acme.ci { nix.settings.substituters = [ "https://devenv.cachix.org" ]; })
  (lib.mkIf (!config.acme.ci) { nix.settings.substituters = [ "https://devenv.cachix.org" ]; })
]

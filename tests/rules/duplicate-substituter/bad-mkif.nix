{ config, lib, ... }:
{
  nix.settings = lib.mkIf config.acme.caches.enable {
    substituters = [
      "https://helix.cachix.org"
      "https://helix.cachix.org/"
    ];
  };
}

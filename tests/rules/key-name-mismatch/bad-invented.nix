{ lib, ... }:
{
  nix = {
    settings = {
      trusted-public-keys = lib.mkForce [
        "cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjX="
      ];
    };
  };
}

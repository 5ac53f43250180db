{ lib, config, ... }:
{
  nix.settings.experimental-features = [ "ca-derivations" ];
  nix.extraOptions = lib.optionalString config.services.web.enable "experimental-features = flakes";
}

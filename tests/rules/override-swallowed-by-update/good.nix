{ lib, config, ... }:
{
  nix.gc = {
    automatic = true;
  }
  // lib.optionalAttrs true { options = "-d"; };
  nix.settings = lib.mkIf config.services.web.enable { max-jobs = 2; };
}

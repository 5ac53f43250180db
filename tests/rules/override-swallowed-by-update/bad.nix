{ lib, config, ... }:
{
  nix.gc = {
    automatic = true;
    options = "--delete-older-than 14d";
  }
  // lib.mkIf config.services.web.enable { dates = "weekly"; };
}

{ config, lib, ... }:
let
  cfg = config.upkeep;
in
{
  options.upkeep = {
    enable = lib.mkOption {
      type = lib.types.bool;
      default = true;
    };
    days = lib.mkOption {
      type = lib.types.int;
      default = 30;
    };
  };

  config = lib.mkMerge [
    (lib.mkIf cfg.enable {
      nix.gc.automatic = true;
      nix.gc.options = "--delete-older-than ${toString cfg.days}d";
      nix.optimise.automatic = true;
    })
    (lib.mkIf (!cfg.enable) { nix.settings.keep-derivations = true; })
    {
      nix.settings.allowed-users = lib.mkBefore [ "@users" ];
      nix.settings.sandbox = lib.mkIf (config.networking.hostName == "oak") "relaxed";
      nix.extraOptions = ''
        keep-going = true
        ${lib.optionalString cfg.enable "fallback = true"}
      '';
    }
  ];
}

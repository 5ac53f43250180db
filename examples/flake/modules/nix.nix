# Nix itself, the same on every machine but for what a host says.
{
  config,
  lib,
  pkgs,
  people,
  ...
}:

let
  cfg = config.fleet;
  isServer = cfg.role == "server";
  gib = n: n * 1024 * 1024 * 1024;
in
{
  nix = {
    settings = lib.mkMerge [
      {
        experimental-features = [
          "nix-command"
          "flakes"
        ];
        # Whoever may build on the server may do it anywhere.
        trusted-users = lib.optionals isServer people.builders;
        max-jobs = lib.mkDefault "auto";
        min-free = gib (if isServer then 20 else 1);
        max-free = gib 40;
      }
      (lib.mkIf cfg.caches.enable {
        substituters = [ "https://nix-community.cachix.org" ];
      })
      (lib.optionalAttrs pkgs.stdenv.hostPlatform.isLinux {
        auto-optimise-store = true;
      })
    ];

    gc = {
      automatic = true;
      options = "--delete-older-than ${toString cfg.keepDays}d";
    }
    // (
      if pkgs.stdenv.hostPlatform.isDarwin then
        {
          # Every week.
          interval = {
            Weekday = 7;
            Hour = 3;
          };
        }
      else
        { dates = "weekly"; }
    );
  };
}

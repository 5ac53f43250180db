{ config, lib, host, ... }:
let
  cfg = config.my;
in
{
  options.my = {
    builder = lib.mkEnableOption "building for others";
    share = lib.mkOption {
      type = lib.types.ints.between 1 4;
      default = 2;
    };
  };

  config = lib.mkIf cfg.builder {
    nix.settings.max-jobs = host.cores / cfg.share;
    nix.settings.cores = lib.mkDefault cfg.share;
  };
}

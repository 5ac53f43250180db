{ config, lib, ... }:
{
  options.tune.jobs = lib.mkOption {
    type = lib.types.nullOr lib.types.int;
    default = null;
  };
  config.nix.settings = lib.optionalAttrs (config.tune.jobs != null) {
    max-jobs = config.tune.jobs;
    cores = 10 / config.tune.jobs;
  };
}

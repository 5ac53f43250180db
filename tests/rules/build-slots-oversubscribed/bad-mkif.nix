{ lib, config, ... }:
{
  nix.settings = lib.mkIf config.services.ofborg.enable {
    max-jobs = "auto";
    cores = 0;
  };
}

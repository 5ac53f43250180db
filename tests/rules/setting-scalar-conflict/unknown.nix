{ lib, config, jobs, ... }:
{
  nix.settings = lib.mkMerge [
    { max-jobs = 4; }
    (lib.mkIf config.services.web.enable { max-jobs = 8; })
    { cores = jobs; }
    { cores = 2; }
  ];
}

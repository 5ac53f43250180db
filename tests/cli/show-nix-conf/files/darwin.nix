{ config, lib, pkgs, userConfig, ... }:

{
  system.stateVersion = 6;
  nix.settings = {
    max-jobs = userConfig.jobs;
    cores = if pkgs.stdenv.hostPlatform.isAarch64 then 4 else 2;
    substituters = [ "https://a.example.org" userConfig.cache ];
    extra-substituters = [ "https://b.example.org" ];
    keep-outputs = lib.mkIf config.services.foo.enable true;
    log-lines = 20;
    netrc-file = null;
  };
  imports = [ ./lines.nix ];
}

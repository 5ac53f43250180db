{ pkgs, userConfig, ... }:

{
  system.stateVersion = 6;
  nix.settings = {
    cores = if pkgs.stdenv.isAarch64 then 4 else 2;
    max-jobs = userConfig.jobs;
    substituters = [ "https://a.example.org" userConfig.cache ];
    no-such-thing = true;
  };
}

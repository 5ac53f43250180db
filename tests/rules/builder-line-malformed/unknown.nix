{ config, pkgs, ... }:
{
  nix.distributedBuilds = true;
  nix.buildMachines = [
    {
      hostName = config.my.builder;
      sshKey = config.sops.secrets.key.path;
      system = pkgs.stdenv.hostPlatform.system;
      maxJobs = config.my.jobs;
      publicHostKey = config.my.key;
    }
  ] ++ config.my.builders;
}

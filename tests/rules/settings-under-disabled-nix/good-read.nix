{ config, pkgs, ... }:
{
  nix.enable = false;
  nix.buildMachines = [
    {
      hostName = "builder";
      systems = [ "aarch64-linux" ];
      maxJobs = 4;
    }
  ];
  # Determinate's daemon reads this one.
  environment.etc."nix/machines.txt".text = toString (map (m: m.hostName) config.nix.buildMachines);
}

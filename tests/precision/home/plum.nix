{ config, lib, inputs, ... }:
{
  users.users.mira.home = "/Users/mira";
  nix.settings.trusted-users = [ config.users.users.mira.name ];
  nix.nixPath = [ "nixpkgs=${inputs.nixpkgs}" ];
  nix.linux-builder = {
    enable = true;
    maxJobs = 4;
    config.virtualisation.cores = lib.mkForce 6;
  };
}

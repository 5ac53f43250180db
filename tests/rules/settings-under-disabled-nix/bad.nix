{ pkgs, ... }:
{
  # Determinate Nix manages the daemon
  nix.enable = false;
  nix.settings = {
    max-jobs = 4;
    trusted-users = [ "root" ];
  };
}

{ pkgs, ... }:
{
  nix.enable = true;
  nix.package = pkgs.nix;
  nix.daemonProcessType = "Background";
  nix.daemonIOLowPriority = true;
  services.nix-daemon.enableSocketListener = true;
  services.tailscale.enable = true;
}

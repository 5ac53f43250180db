# Birch: the laptop that builds everything before it goes to the servers.
{ pkgs, ... }:

{
  imports = [
    ./nix/caches.nix
    ./nix/settings.nix
    ./nix/upkeep.nix
  ];

  networking.hostName = "birch";
  nixpkgs.hostPlatform = "aarch64-darwin";

  # Needed since activation runs as root.
  system.primaryUser = "mira";
  system.defaults.dock.autohide = true;
  system.defaults.NSGlobalDomain.KeyRepeat = 2;

  environment.systemPackages = [
    pkgs.git
    pkgs.ripgrep
  ];

  # From before the daemon was managed for us.
  services.nix-daemon.enable = true;

  system.stateVersion = 6;
}

# Two modules, one machine.
{ lib, ... }:

{
  imports = [ ./caches.nix ];

  system.stateVersion = 6;
  nixpkgs.hostPlatform = "aarch64-darwin";
  nix.settings = {
    max-jobs = 4;
    cores = lib.mkDefault 2;
    experimental-features = "nix-command flakes";
    conect-timeout = 5;
  };
  nix.gc.automatic = true;
  nix.extraOptions = ''
    build-cores = 8
    keep-going = true
  '';
}

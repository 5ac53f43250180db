{ lib, ... }:

{
  imports = [ ./nix/slots.nix ];
  system.stateVersion = 6;
  nix.settings.max-jobs = lib.mkForce 6;
  nix.settings.cores = 3;
  nix.extraOptions = "build-cores = 4";
}

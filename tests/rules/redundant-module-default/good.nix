{ lib, ... }:
{
  nix.settings = {
    max-jobs = 4;
    trusted-users = lib.mkForce [ "root" ];
    cores = lib.mkForce 0;
  };
}

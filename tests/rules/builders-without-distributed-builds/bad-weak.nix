{ lib, ... }:
{
  nix = {
    distributedBuilds = false;
    settings.builders = lib.mkDefault "ssh-ng://build01 x86_64-linux - 8 1 kvm - c3NoLWVkMjU1MTkgQUFBQQo=";
  };
}

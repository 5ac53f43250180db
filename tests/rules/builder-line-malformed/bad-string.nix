{ lib, ... }:
{
  nix.distributedBuilds = true;
  nix.settings.builders = lib.mkForce "ssh-ng://build01 x86_64-linux - eight ; ssh-ng://build02 x86_64-linux - 4 fast";
}

{ lib, ... }:
{
  nix.settings.keep-going = lib.mkForce "Yes";
}

{ lib, ... }:
{
  nix.settings.keep-outputs = lib.mkForce "Yes";
}

{ lib, ... }:
{
  nix.settings."experimental-feature" = [ "nix-command" "flakes" ];
  nix.settings.trusted-user = lib.mkForce [ "root" ];
}

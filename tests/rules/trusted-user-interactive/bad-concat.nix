{ lib, pkgs, ... }:
{
  nix.settings.trusted-users = [ "root" ] ++ lib.optional pkgs.stdenv.isDarwin "@admin" ++ [ "joerg" ];
}

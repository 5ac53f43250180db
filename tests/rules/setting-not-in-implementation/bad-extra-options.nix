{ pkgs, ... }:
{
  nix.package = pkgs.nixVersions.nix_2_31;
  nix.extraOptions = ''
    repl-overlays = /etc/nix/overlay.nix
  '';
}

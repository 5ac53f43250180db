{ pkgs, ... }:
{
  nix.package = pkgs.lix;
  nix.settings.repl-overlays = [ "/etc/nix/overlay.nix" ];
}

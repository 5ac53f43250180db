{ pkgs, ... }:
{
  nix.package = pkgs.lix;
  nix.settings.experimental-features = [ "nix-command" "pipe-operator" ];
}

{ pkgs, ... }:
{
  nix.linux-builder = {
    enable = true;
    package = pkgs.linux-builder-x86_64;
    systems = [ "x86_64-linux" ];
  };
}

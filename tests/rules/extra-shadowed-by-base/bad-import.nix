{ lib, ... }:
{
  imports = [ ./more.nix ];
  home.stateVersion = "26.05";
  nix.settings.extra-system-features = [ "gccarch-znver4" ];
}

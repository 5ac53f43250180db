{ lib, pkgs, ... }:
{
  nix.settings = {
    experimental-features = [ "nix-command" "flakes" ];
  }
  // lib.optionalAttrs pkgs.stdenv.isLinux {
    extra-experimental-features = [ "cgroups" ];
    use-cgroups = true;
  };
}

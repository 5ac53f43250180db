{ lib, ... }:
{
  nix.extraOptions = ''
    auto-optimise-store = true
  '';
  nix.optimise.automatic = lib.mkDefault true;
}

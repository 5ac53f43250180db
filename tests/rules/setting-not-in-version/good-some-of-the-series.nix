{ pkgs, ... }:
{
  nix.package = pkgs.nixVersions.nix_2_21;
  nix.settings.allowed-uris = [ "https://example.org" ];
}

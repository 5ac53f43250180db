{ config, lib, ... }:
{
  nix.settings.substituters =
    if config.acme.atHome then
      [
        "http://nas.lan:5000"
        "https://nix-community.cachix.org"
      ]
    else
      [ "https://nix-community.cachix.org" ];
}

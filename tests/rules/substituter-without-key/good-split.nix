{ lib, ... }:
{
  # Keys and caches in different forms are one list to Nix.
  nix.settings.substituters = [ "https://helix.cachix.org" ] ++ [ "https://devenv.cachix.org" ];
  nix.settings.extra-trusted-public-keys = "devenv.cachix.org-1:w1cLUi8dv3hnoSPGAuibQv+f9TZLr6cv/Hm9XgU50cw=";
  nix.settings.trusted-public-keys = lib.mkMerge [
    [ "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs=" ]
    (lib.mkAfter [ "helix.cachix.org-1:ejp9KQpR1FBI2onstMQ34yogDm4OgU2ru6lIwPvuCVs=" ])
  ];
}

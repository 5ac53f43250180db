# nixtune as a formatter of treefmt-nix: the safe fixes of the files that changed.
{ self }:
{ lib, pkgs, ... }:
{
  settings.formatter.nixtune = {
    command = lib.getExe self.packages.${pkgs.stdenv.hostPlatform.system}.nixtune;
    options = [
      "apply"
      "--write"
    ];
    includes = [
      "*.nix"
      "nix.conf"
      "**/nix.conf"
      "nix.custom.conf"
      "**/nix.custom.conf"
    ];
  };
}

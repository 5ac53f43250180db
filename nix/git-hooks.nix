# nixtune as a hook of git-hooks.nix.
{ self }:
{ lib, pkgs, ... }:
{
  hooks.nixtune = {
    name = "nixtune";
    description = "Lint the configuration of Nix itself";
    entry = "${lib.getExe self.packages.${pkgs.stdenv.hostPlatform.system}.nixtune} lint";
    files = "(\\.nix|(^|/)nix(\\.custom)?\\.conf)$";
  };
}

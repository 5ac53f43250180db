{ lib, ... }:
{
  options.nix.keep-outputs = lib.mkEnableOption "outputs";
  config.nix.keep-outputs = true;
}

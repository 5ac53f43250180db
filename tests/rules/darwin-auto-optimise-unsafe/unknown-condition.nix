{ lib, config, ... }:
{
  nix.settings = lib.mkIf (config.my.platform == "linux") {
    auto-optimise-store = true;
  };
}

{ lib, config, ... }:
{
  nix.settings = lib.mkIf config.services.builder.enable { require-sigs = false; };
}

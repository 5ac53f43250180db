{ lib, config, ... }:
{
  nix.gc = lib.mkMerge [
    { automatic = true; }
    (lib.mkIf config.my.isLaptop { options = "--delete-older-than 30d"; })
  ];
}

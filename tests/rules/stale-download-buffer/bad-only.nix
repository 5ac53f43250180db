{ lib, ... }:
{
  nix.settings = {
    download-buffer-size = lib.mkDefault 268435456;
  };
}

{ lib, ... }:
let
  buffer = "256MB";
in
{
  nix.settings.download-buffer-size = lib.mkDefault buffer;
}
# then reports: stale-download-buffer

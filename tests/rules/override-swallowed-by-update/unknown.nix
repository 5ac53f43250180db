{ lib, extra, ... }:
{
  nix.gc = { automatic = true; } // extra;
}

{ determinate, ... }:
{
  nix.enable = !determinate;
  nix.gc.automatic = true;
}

{ limits, ... }:
{
  nix.settings.min-free = limits.bytes;
}

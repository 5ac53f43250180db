{ limits, ... }:
{
  nix.settings.min-free = limits.bytes; # 1 GiB
}

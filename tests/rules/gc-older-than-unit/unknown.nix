{ retention, ... }:
{
  nix.gc.options = "--delete-older-than ${retention}";
}

{ lib, key, ... }:
{
  nix.${key} = true;
}

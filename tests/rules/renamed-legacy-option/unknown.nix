{ legacy, ... }:
{
  nix = legacy.nix // { enable = true; };
}

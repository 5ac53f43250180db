{ lib, ... }:
{
  nix.settings = lib.mkForce { max-jobs = 4; } // { cores = 2; };
}

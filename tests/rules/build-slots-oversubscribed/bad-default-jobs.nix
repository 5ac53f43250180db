{ pkgs, ... }:
{
  nix.package = pkgs.nix;
  # `max-jobs` stays at the module's `auto`.
  nix.settings.cores = 8;
}

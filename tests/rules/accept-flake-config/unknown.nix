{ ci, ... }:
{
  nix.settings.accept-flake-config = ci.enable;
}

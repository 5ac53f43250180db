{
  imports = [ ./schedule.nix ];
  nix.settings.auto-optimise-store = true;
}

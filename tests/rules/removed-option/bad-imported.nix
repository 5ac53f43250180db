{
  imports = [ ./daemon.nix ];
  nix.settings.keep-going = true;
  services.nix-daemon.enable = true;
}

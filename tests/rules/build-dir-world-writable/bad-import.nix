{
  imports = [ ./scratch.nix ];
  nix.settings.build-dir = "/tmp";
}

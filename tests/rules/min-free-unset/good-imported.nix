{
  imports = [ ./room.nix ];
  nix.settings.max-free = 100 * 1024 * 1024 * 1024;
}

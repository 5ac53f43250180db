{
  nix.settings.secret-key-files = [ ./cache.key ];
}

{
  imports = [ ./derivations.nix ];
  nix.settings.keep-outputs = true;
}

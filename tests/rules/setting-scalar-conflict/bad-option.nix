{
  imports = [ ./gc.nix ];
  nix.gc.options = "--delete-older-than 14d";
  nix.gc.automatic = true;
}

{
  imports = [ ./switch.nix ];
  nix.gc.options = "--delete-older-than 120d";
}

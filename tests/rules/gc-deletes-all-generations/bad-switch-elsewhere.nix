{
  imports = [ ./switch.nix ];
  nix.gc.options = "-d";
}

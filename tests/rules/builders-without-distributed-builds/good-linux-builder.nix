{
  nix.linux-builder.enable = true;
  nix.settings.builders = "@/etc/nix/machines";
}

{
  nix.linux-builder.enable = false;
  nix.distributedBuilds = false;
  nix.settings.builders = "@/etc/nix/my-machines";
}

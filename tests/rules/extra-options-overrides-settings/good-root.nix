{
  boot.loader.grub.enable = true;
  nix.extraOptions = "trusted-users = @wheel";
}

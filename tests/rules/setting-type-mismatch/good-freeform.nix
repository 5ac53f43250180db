{
  boot.loader.grub.device = "/dev/sda";
  nix.settings = {
    experimental-features = "nix-command flakes";
    http-connections = "50";
    connect-timeout = [ 5 ];
  };
}

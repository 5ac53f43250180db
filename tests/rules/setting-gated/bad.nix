{
  system.stateVersion = "25.05";
  boot.loader.grub.device = "/dev/sda";
  nix.settings = {
    experimental-features = [ "nix-command" ];
    impure-env = [ "TOKEN=x" ];
  };
}

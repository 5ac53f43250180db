{
  boot.loader.grub.device = "/dev/sda";
  nix.settings = {
    max-jobs = "4";
    cores = "2";
    sandbox = "true";
    require-sigs = "true";
    trusted-users = "root alice";
  };
}

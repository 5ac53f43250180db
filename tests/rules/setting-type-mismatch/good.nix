{
  boot.loader.grub.device = "/dev/sda";
  nix.settings = {
    max-jobs = 4;
    cores = 2;
    sandbox = "relaxed";
    timeout = -1;
    keep-outputs = "yes";
    trusted-users = [ "root" ];
  };
}

{
  boot.loader.grub.enable = true;
  system.stateVersion = "25.05";
  nix.buildCores = 4;
  nix.maxJobs = 2;
  nix.settings.extra-trusted-users = [ "@wheel" ];
}

# NixOS: without channels, with its own features replaced, with former names.
{ config, lib, ... }:

{
  system.stateVersion = "25.05";
  boot.loader.grub.enable = true;
  nix = {
    channel.enable = false;
    distributedBuilds = true;
    buildCores = 6;
    binaryCaches = [ "https://former.example.org" ];
    settings = {
      system-features = [ "kvm" ];
      substituters = lib.mkOverride 60 [ "https://only.example.org" ];
      require-sigs = false;
      max-jobs = if config.services.openssh.enable or false then 0 else 8;
      min-free = 1024 * 1024 * 1024;
      http-connections = lib.mkOptionDefault 50;
    };
  };
}

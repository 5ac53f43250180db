{
  nix.distributedBuilds = true;
  nix.settings.builders = "ssh-ng://build01 x86_64-linux - 8 2 kvm,big-parallel ; @/etc/nix/machines";
}

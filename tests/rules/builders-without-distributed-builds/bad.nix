{
  nix.distributedBuilds = false;
  nix.settings.builders = "ssh-ng://build01 x86_64-linux - 8 1 kvm - c3NoLWVkMjU1MTkgQUFBQQo=";
}

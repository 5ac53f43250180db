{
  nix.settings.trusted-substituters = [ "ssh-ng://nix@nas.lan?trusted=true" ];
}

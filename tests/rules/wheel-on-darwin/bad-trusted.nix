{
  nix.settings.trusted-users = [ "root" "@wheel" ];
}

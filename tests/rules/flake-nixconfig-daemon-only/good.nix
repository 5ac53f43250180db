{
  nix.settings.trusted-users = [ "@wheel" ];
}

# then reports: wheel-on-darwin
{
  nix.settings.trusted-users = [ "root" "@wheel" "@admin" ];
}

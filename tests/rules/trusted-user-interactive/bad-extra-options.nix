{
  nix.extraOptions = ''
    trusted-users = root alice @admin
  '';
}

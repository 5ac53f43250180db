{
  nix.extraOptions = ''
    trusted-users = root *
  '';
}

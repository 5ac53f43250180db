{
  nix.settings.trusted-users = [
    "root"
    "*"
  ];
}

{
  nix.settings.trusted-users = [
    "root"
    # "alice"
  ];
}

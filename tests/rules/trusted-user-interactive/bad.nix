{
  nix.settings = {
    # Trust specific users
    trusted-users = [
      "root"
      "alice"
    ];
  };
}

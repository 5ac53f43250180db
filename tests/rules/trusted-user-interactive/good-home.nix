{
  # Has no effect in a user's own file, which another rule says.
  nix.settings.trusted-users = [ "alice" ];
}

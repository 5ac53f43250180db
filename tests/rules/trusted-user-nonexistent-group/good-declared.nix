{
  users.groups.staff.members = [ "alice" ];
  nix.settings.allowed-users = [ "@staff" ];
}

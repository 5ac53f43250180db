{ team, ... }:
{
  nix.settings.trusted-users = [ "root" "@${team.admins}" ];
}

{ people, ... }:
{
  nix.settings.trusted-users = [ "root" people.everyone ];
}

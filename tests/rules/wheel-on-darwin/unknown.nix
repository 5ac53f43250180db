{ team, ... }:
{
  nix.settings.allowed-users = [ team.group ];
}

{ team, ... }:
{
  nix.settings.allowed-users = [ "@wheel" team.group ];
}

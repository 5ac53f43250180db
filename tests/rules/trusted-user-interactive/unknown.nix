{ userConfig, ... }:
{
  nix.settings.trusted-users = [
    "root"
    userConfig.username
  ];
}

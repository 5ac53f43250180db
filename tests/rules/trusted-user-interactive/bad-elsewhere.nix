{ lib, ... }:
let
  # one entry for each account of the build machine
  users = [
    {
      name = "winter";
      trusted = true;
    }
    {
      name = "lily";
      trusted = false;
    }
    {
      name = "hexa";
      trusted = true;
    }
  ];
in
{
  nix.settings.trusted-users = map (user: user.name) (builtins.filter (user: user.trusted) users);
}

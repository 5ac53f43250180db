let
  username = "bemeurer";
in
{
  nix.settings.extra-trusted-users = [ username ];
}

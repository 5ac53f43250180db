let
  trustedUsers = [ "alice" ];
in
{
  nix = {
    inherit trustedUsers;
    daemonIONice = true;
  };
}

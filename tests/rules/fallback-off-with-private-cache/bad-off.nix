{
  nix.settings = {
    fallback = false;
    substituters = [ "ssh-ng://nix@192.168.1.4" ];
  };
}

{
  imports = [ ./nh.nix ];
  nix.gc = {
    automatic = true; # weekly
    options = "--delete-older-than 30d";
  };
}

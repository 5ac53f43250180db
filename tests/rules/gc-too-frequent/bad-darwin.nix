{
  nix.gc = {
    automatic = true;
    interval = [ { Minute = 0; } { Minute = 30; } ];
    options = "--delete-older-than 14d";
  };
}

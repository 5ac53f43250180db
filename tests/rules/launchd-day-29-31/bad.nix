{
  nix.gc = {
    automatic = true;
    interval = { Day = 31; Hour = 3; Minute = 15; };
  };
}

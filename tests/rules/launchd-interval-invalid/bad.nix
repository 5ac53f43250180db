{
  nix.gc = {
    automatic = true;
    interval = {
      hour = 3;
      minute = 15;
    };
  };
}

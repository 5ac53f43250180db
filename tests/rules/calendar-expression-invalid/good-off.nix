{
  nix.gc = {
    automatic = false;
    dates = "0 3 * * *";
  };
}

{
  nix.gc = {
    automatic = true;
    dates = "semiannually";
  };
}

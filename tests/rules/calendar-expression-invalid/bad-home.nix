{
  nix.gc = {
    automatic = true;
    dates = "nightly";
  };
}

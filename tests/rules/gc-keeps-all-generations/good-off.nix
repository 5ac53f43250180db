{
  nix.gc = {
    automatic = false;
    options = "";
  };
}

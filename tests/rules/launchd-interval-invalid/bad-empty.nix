{
  nix.gc = {
    automatic = true;
    interval = [ ];
  };
}

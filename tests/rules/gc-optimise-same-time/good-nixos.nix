{
  nix.gc = {
    automatic = true;
    dates = "weekly";
  };
  nix.optimise.automatic = true;
}

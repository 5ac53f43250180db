{
  nix.gc = {
    automatic = true;
    dates = "weekly";
    randomizedDelaySec = "6h";
  };
  nix.optimise = {
    automatic = true;
    dates = [ "weekly" ];
  };
}

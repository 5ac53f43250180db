{
  nix.gc.automatic = true; # 03:15
  nix.optimise.automatic = true;
  nix.optimise.dates = [ "03:10" ];
}

{
  imports = [ ./determinate.nix ];
  nix.optimise.automatic = true;
}

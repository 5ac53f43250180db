{
  nix.settings.trusted-substituters = [ "10.0.0.1:5000" ];
}

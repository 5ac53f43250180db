{
  nix.settings.substituters = [ "https://devenv.cachix.org?trusted=1" ];
}

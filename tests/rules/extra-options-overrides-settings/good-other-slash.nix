{
  # NixOS writes https://cache.nixos.org/ itself; without the slash it is the same cache.
  nix.extraOptions = ''
    substituters = https://cache.nixos.org https://devenv.cachix.org
  '';
}

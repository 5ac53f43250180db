{
  nix.extraOptions = ''
    auto-optimise-store = true
  '';
}

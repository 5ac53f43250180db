{
  nix.extraOptions = ''
    sandbox-fallback = true
  '';
}

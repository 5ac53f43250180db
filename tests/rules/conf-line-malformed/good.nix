{
  nix.extraOptions = ''
    # keep-outputs=true
    keep-outputs = true
  '';
}

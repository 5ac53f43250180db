{
  # Determinate Nix and its like write their own file.
  nix.enable = false;
  nix.settings.gc-keep-outputs = true;
  nix.extraOptions = ''
    build-timeout = 3600
  '';
}

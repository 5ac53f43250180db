{
  # May connect, which is not the same.
  nix.settings.allowed-users = [ "alice" "@wheel" ];
}

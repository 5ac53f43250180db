{
  # On macOS nobody but root is in wheel, and there is no sudo.
  nix.settings.trusted-users = [ "root" "@wheel" "@sudo" ];
}

{
  system.defaults.dock.autohide = true;
  nix.extraOptions = ''
    extra-platforms = x86_64-darwin x86_64-linux
  '';
}

{
  # NixOS/nix#3872
  nix.settings.eval-cache = false;
}

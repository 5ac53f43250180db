{
  # some builds need the network
  nix.settings.sandbox = false;
}

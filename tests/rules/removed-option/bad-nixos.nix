{
  nix.daemonNiceLevel = 19;
}

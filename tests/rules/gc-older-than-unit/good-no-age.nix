{
  nix.gc.options = "--max-freed 10G";
}

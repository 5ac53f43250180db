{
  nix.gc = {
    automatic = true;
    options = "--max-freed $((64 * 1024**3))";
  };
}

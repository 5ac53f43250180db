{
  nix.settings = {
    require-sigs = true;
  };
}

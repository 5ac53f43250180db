{
  nix.settings = {
    sandbox-fallback = false;
  };
}

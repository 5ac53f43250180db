{
  nix.settings = {
    sandbox = false;
  };
}

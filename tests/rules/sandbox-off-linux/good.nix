{
  nix.settings = {
    sandbox = true;
  };
}

{
  nix.settings = {
    sandbox = "relaxed";
  };
}

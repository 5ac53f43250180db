{
  nix.settings = {
    sandbox = "relaxed";
    max-jobs = 4;
  };
}

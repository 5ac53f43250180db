{
  nix.settings = {
    require-sigs = false;
    max-jobs = 4;
  };
}

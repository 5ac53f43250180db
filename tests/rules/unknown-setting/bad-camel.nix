{
  nix.settings = {
    autoOptimiseStore = true;
    max-jobs = 4;
  };
}

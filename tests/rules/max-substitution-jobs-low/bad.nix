{
  nix.settings = {
    max-jobs = 4;
    max-substitution-jobs = 1;
  };
}

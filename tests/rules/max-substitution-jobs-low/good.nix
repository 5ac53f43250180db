{
  nix.settings = {
    max-substitution-jobs = 16;
  };
}

{
  nix.settings = {
    eval-cache = false;
    max-jobs = 4;
  };
}

{
  nix.settings = {
    max-jobs = "auto";
    cores = 0;
  };
}

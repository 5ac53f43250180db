{
  nix.settings = {
    max-jobs = "auto";
    cores = "auto"; # all of them
  };
}

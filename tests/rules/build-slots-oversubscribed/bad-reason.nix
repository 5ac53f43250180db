{
  nix.settings = {
    # Because nothing else runs here at night.
    max-jobs = "auto";
    cores = 0;
  };
}

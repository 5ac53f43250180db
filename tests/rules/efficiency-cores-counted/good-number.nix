{
  # A number was chosen, not counted.
  nix.settings = {
    max-jobs = 12;
    cores = 1;
  };
}

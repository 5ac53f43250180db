{
  nix.settings = {
    max-jobs = 2; # because the fans are loud
    cores = 2;
  };
}

{
  nix.settings = {
    fsync-metadata = false;
    max-jobs = 4;
  };
}

{
  # 26 busy threads are little more than twice 12, but a build gets 1.4 GiB.
  nix.settings = {
    max-jobs = 26;
    cores = 1;
  };
}

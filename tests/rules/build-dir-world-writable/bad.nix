{
  nix.settings = {
    build-dir = "/tmp/nix-builds";
    max-jobs = 4;
  };
}

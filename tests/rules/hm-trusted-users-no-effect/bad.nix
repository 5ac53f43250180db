{
  nix.settings = {
    # so that the cache works
    trusted-users = [ "alice" ];
    max-jobs = 4;
  };
}

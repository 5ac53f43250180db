{
  nix.settings = {
    min-free = 20 * 1024 * 1024 * 1024; # start here
    max-free = 5 * 1024 * 1024 * 1024; # stop here
  };
}

{
  nix.settings = {
    # room for the next rebuild
    max-free = 100 * 1024 * 1024 * 1024;
    keep-going = true;
  };
}

{
  nix.settings = {
    # room for one build
    min-free = 25 * 1024 * 1024 * 1024;
    max-free = 26 * 1024 * 1024 * 1024;
  };
}

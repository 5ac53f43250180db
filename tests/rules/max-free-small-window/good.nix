{
  nix.settings = {
    min-free = 25 * 1024 * 1024 * 1024;
    max-free = 27 * 1024 * 1024 * 1024;
  };
}

{
  nix.settings = {
    min-free = 51 * 1024 * 1024 * 1024;
    max-free = 153 * 1024 * 1024 * 1024;
  };
}

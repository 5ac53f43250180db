{
  nix.settings = {
    min-free = 128000000;
    max-free = 1000000000;
  };
}

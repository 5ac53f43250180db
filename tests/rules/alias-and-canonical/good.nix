{
  nix.settings = {
    timeout = 7200;
    max-silent-time = 600;
  };
}

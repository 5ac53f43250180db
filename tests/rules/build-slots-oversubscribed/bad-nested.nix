{
  nix = {
    settings = {
      "max-jobs" = 10;
      "cores" = 8;
    };
  };
}

{
  nix.settings = {
    keep-failed = true; # see what broke
    log-lines = 50;
  };
}

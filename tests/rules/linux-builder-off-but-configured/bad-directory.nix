{
  nix.linux-builder = {
    enable = false;
    workingDirectory = "/Users/me/vm";
  };
}

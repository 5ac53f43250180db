{
  nix.settings = {
    eval-cache = true;
  };
}

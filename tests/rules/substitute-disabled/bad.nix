{
  nix.settings = {
    substitute = false;
    max-jobs = 4;
  };
}

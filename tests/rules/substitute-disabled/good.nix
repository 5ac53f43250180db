{
  nix.settings = {
    substitute = true;
  };
}

{
  nix.settings = {
    keep-outputs = true;
    keep-derivations = false;
  };
}

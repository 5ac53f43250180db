{
  nix.settings = {
    keep-outputs = false;
    keep-derivations = true;
  };
}

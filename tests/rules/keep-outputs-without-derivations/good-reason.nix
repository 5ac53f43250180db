{
  nix.settings = {
    keep-outputs = true; # because lorri makes roots of derivations
    keep-derivations = false;
  };
}

{
  nix.settings = {
    keep-outputs = true;
    keep-derivations = "yes";
  };
}

{
  nix.settings = {
    # for nix-direnv, see https://github.com/nix-community/nix-direnv
    keep-outputs = true;
    keep-derivations = true;
  };
}

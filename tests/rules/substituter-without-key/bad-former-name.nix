{
  nix.binaryCaches = [ "https://helix.cachix.org" ];
  nix.settings = {
    fallback = true;
  };
}

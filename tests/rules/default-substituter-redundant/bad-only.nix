{
  nix.settings = {
    max-jobs = "auto";
    # the official cache
    substituters = [ "https://cache.nixos.org/" ];
  };
}

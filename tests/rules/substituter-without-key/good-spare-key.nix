{
  nix.settings = {
    # Signs with a key pair of our own.
    substituters = [ "https://acme-internal-ci.cachix.org" ];
    trusted-public-keys = [ "acme-signing:bXlzdGVyeSBrZXkgb2YgdGhpcnR5LXR3byBieXRlcyE=" ];
  };
}

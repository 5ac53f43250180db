# The binary cache cache.example.org.
{
  nix.settings = {
    # asked beside cache.nixos.org, in the order of the priorities that they announce
    substituters = [ "https://cache.example.org" ];
    # who holds the secret key to it may put any path into the store
    trusted-public-keys = [ "cache.example.org-1:1/cKDz3QCCOmwcztD2eV6Coggp6rqc9DGjWv7C0G+rM=" ];
  };
}

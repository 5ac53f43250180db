{
  description = "acme";

  # Replaces what the user has, so that the official cache has to be listed.
  nixConfig.substituters = [
    "https://cache.nixos.org"
    "https://nix-community.cachix.org"
  ];

  outputs = { self }: { };
}

{ secrets, ... }:
{
  nix.settings.trusted-public-keys = [
    "nix-community.cachix.org-1:${secrets.communityKey}"
    secrets.cacheKey
  ];
}

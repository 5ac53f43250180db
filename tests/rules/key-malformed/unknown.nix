{ config, ... }:
{
  nix.settings.trusted-public-keys = [
    config.acme.cache.publicKey
    "acme-1:${config.acme.cache.body}"
  ];
}

{ keys, ... }:
{
  nix.settings.trusted-public-keys = keys.all;
}

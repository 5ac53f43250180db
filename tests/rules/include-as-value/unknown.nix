{ config, ... }:
{
  nix.settings.access-tokens = config.sops.placeholder.tokens;
}

{ isServer, ... }:
{
  nix.settings.cores = if isServer then "auto" else 4;
}

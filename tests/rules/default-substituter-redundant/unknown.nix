{ mirrors, ... }:
{
  nix.settings.substituters = mirrors ++ [ "https://${mirrors.host}/" ];
}

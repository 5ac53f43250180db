{ isServer, ... }:
{
  nix.gc = {
    automatic = true;
    dates = if isServer then "daily" else "Sunday 3am";
    options = "--delete-older-than 14d";
  };
}

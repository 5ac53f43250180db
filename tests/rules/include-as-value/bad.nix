{ config, ... }:
{
  nix.settings = {
    access-tokens = "!include /run/secrets/nix-tokens";
    max-jobs = 4;
  };
}

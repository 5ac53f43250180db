{ lib, person, config, ... }:
{
  nix.gc.automatic = person.trusted;
  nix.settings = {
    experimental-features = "nix-command flakes";
  }
  // lib.optionalAttrs person.trusted { max-jobs = 2; };
  nix.registry.me.to = {
    type = "path";
    path = "/home/${config.home.username}/flakes";
  };
}

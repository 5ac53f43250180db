{ config, ... }:
{
  nix.settings.keep-outputs = true;
  nix.settings.keep-derivations = true;
  nix.optimise.automatic = true;
  systemd.services.collect = {
    startAt = "weekly";
    script = "${config.nix.package}/bin/nix-collect-garbage --delete-older-than 30d";
  };
}

{ lib, ... }:
{
  nix.settings.max-jobs = 4;
  environment.etc."motd".text = "";
}
// lib.mkIf true { nix.gc.automatic = true; }

# Hazel: the small laptop.
{ ... }:

{
  networking.hostName = "hazel";
  system.primaryUser = "astrid";
  system.stateVersion = 6;

  fleet.caches.enable = true;
  # All builds may use all cores: the fans say so.
  nix.settings.cores = 0;
}

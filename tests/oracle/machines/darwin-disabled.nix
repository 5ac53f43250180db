# nix-darwin that leaves Nix to someone else: nothing of this is written.
{
  system.stateVersion = 6;
  nix.enable = false;
  nix.settings.max-jobs = 4;
  nix.extraOptions = "cores = 2";
}

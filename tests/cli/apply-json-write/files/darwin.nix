# How the machine builds.
{
  system.stateVersion = 6;
  nixpkgs.hostPlatform = "aarch64-darwin";
  nix.settings = {
    gc-keep-outputs = false; # small disk
    max-jobs = "auto";
    cores = 0;
  };
}

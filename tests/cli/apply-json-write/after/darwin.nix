# How the machine builds.
{
  system.stateVersion = 6;
  nixpkgs.hostPlatform = "aarch64-darwin";
  nix.settings = {
    keep-outputs = false; # small disk
    max-jobs = 5;
    cores = 2;
  };
}

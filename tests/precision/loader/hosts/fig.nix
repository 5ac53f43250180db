{
  nixpkgs.hostPlatform = "aarch64-darwin";
  tune.jobs = 6;
}

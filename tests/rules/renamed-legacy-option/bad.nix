{
  nix.maxJobs = 4;
  nix.buildCores = 2; # leave some for the editor
  nix.trustedUsers = [ "@admin" ];
}

{
  nix.envVars.TMPDIR = "/scratch/nix";
}

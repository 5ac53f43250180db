{
  nix.systemFeatures = [ "big-parallel" "benchmark" ];
}

{
  nix.extraOptions = ''
    eval-profiler = flamegraph
  '';
}

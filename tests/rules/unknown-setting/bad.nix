{
  nix.settings = {
    max-job = 4; # one letter short
    keep_outputs = true;
    auto-optimize-store = true;
  };
}
# then reports: keep-outputs-growth

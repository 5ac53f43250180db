{
  nix.settings = {
    http-connections = "1K";
    min-free = "5G";
    max-jobs = "auto";
  };
}

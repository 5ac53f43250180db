{
  nix.linux-builder = {
    enable = true;
    config.virtualisation.cores = 4;
    config.virtualisation.darwin-builder.memorySize = 8192;
  };
}

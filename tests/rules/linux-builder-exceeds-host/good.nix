{
  nix.linux-builder = {
    enable = true;
    config.virtualisation = {
      cores = 6;
      darwin-builder.memorySize = 16 * 1024;
    };
  };
}

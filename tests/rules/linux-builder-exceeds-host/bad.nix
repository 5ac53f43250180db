{
  nix.linux-builder = {
    enable = true;
    config.virtualisation = {
      cores = 16;
      darwin-builder.memorySize = 32 * 1024;
    };
  };
}

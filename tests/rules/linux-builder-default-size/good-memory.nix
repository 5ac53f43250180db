{
  nix.linux-builder = {
    enable = true;
    config.virtualisation.darwin-builder.memorySize = 8192;
  };
}

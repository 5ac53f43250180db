{
  nix.linux-builder = {
    enable = false;
    config.virtualisation.darwin-builder.diskSize = 20 * 1024;
  };
}

{
  nix.linux-builder = {
    enable = true;
    config.virtualisation.darwin-builder.diskSize = 30720;
  };
}

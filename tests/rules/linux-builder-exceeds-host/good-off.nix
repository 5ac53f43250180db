{
  nix.linux-builder = {
    enable = false;
    config.virtualisation.cores = 32;
  };
}

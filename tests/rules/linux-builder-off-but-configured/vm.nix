{
  nix.linux-builder.config.virtualisation.cores = 4;
}

{
  # What the module decides is no mistake of this file.
  nix.settings.log-lines = 50;
  nix.linux-builder.config.virtualisation.cores = 24;
}

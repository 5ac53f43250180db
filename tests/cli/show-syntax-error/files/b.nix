{ nix.settings.cores = 4; }

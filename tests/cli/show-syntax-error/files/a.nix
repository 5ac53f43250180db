{ nix.settings.cores = ; }

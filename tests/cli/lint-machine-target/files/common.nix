{ nix.settings.min-free = "5G"; }

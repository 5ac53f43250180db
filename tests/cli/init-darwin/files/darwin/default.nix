{ nix.settings.keep-going = true; }

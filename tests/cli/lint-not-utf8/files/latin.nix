{ nix.settings.max-jobs = 4; # café
}

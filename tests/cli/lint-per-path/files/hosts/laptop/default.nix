{ nix.settings.gc-keep-outputs = false; nix.maxJobs = 4; }

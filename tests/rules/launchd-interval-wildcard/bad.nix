{
  # Garbage collection optimization
  nix.gc = {
    automatic = true;
    interval = {
      Day = 1;
    }; # Daily garbage collection
    options = "--delete-older-than 7d"; # Keep builds from last 7 days
  };

  nix.optimise = {
    automatic = true;
    interval = {
      Day = 1;
    }; # Daily store optimization
  };
}

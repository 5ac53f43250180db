{
  nix.settings = {
    # Build acceleration
    keep-derivations = true; # Keep build dependencies for faster rebuilds
    keep-outputs = true; # Keep build outputs to avoid rebuilds
  };
}

{
  nix.settings = {
    # Memory and disk optimization
    min-free = 1073741824; # Keep 1GB free (1024^3 bytes)
    max-free = 3221225472; # Keep max 3GB free (3 * 1024^3 bytes)
  };
}
# then reports: comment-value-mismatch

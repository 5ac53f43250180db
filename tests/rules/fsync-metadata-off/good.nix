{
  nix.settings = {
    fsync-metadata = true;
  };
}

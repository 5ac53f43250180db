{
  nix.extraOptions = ''
    fsync-metadata = false
  '';
}

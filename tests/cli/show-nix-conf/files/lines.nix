{
  nix.settings.log-lines = 30;
  nix.extraOptions = ''
    # A comment.
    warn-dirty = false
  '';
}

{
  nix.gc.options = ''--max-freed "$((100 * 1024**3))" --delete-older-than "$AGE"'';
}

{
  # No room below it for the threshold that fits the disk.
  nix.settings.max-free = 1073741824;
}

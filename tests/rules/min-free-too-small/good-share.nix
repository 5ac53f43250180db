{
  # 2.4 % of the disk
  nix.settings.min-free = 25 * 1024 * 1024 * 1024;
}

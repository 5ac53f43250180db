{
  nix.settings.filter-syscalls = true;
}

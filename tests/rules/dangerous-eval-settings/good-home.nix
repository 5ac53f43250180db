{
  home.stateVersion = "25.05";
  nix.settings.filter-syscalls = false;
}

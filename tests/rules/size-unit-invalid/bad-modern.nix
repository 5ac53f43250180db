{
  nix.settings.min-free = "5GiB";
}

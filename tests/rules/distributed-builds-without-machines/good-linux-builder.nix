{
  nix.linux-builder.enable = true;
  nix.distributedBuilds = true;
}

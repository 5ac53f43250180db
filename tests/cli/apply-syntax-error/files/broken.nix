{
  nix.settings = { cores = "auto"
}

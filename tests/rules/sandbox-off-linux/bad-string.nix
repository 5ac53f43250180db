{
  nix.settings.sandbox = "false";
}

# also reports: setting-type-mismatch
{
  nix.settings.sandbox = "false";
}

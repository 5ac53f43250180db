# also reports: setting-type-mismatch
# then reports: list-key-as-string
{
  nix.settings.system-features = "recursive-nix ca-derivations";
}

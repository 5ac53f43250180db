{
  # One option in a module that something else imports.
  nix.settings.auto-optimise-store = true;
}

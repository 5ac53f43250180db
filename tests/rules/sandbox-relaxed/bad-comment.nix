{
  # for the one package with __noChroot
  nix.settings.sandbox = "relaxed";
}

{
  # because this host checks reproducibility
  nix.settings.substitute = false;
}

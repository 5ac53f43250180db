{
  # Determinate's NixOS module leaves `nix.enable` on.
  determinate.enable = true;
  nix.settings.max-jobs = 4;
}

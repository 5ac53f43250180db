{
  # because the line is shared with the whole house
  nix.settings.max-substitution-jobs = 2;
}

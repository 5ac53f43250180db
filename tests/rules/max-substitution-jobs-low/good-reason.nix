{
  # 8 on purpose: the disk is a slow one
  nix.settings.max-substitution-jobs = 8;
}

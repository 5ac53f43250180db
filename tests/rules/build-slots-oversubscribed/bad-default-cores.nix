{
  # `cores` stays at the module's 0: every job may use all threads.
  nix.settings.max-jobs = 8;
}

{
  # build-slots-oversubscribed says it all, the memory included.
  nix.settings.max-jobs = "auto";
  nix.settings.cores = 0;
}

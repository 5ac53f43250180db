{
  nix.settings = {
    filter-syscalls = false;
    allow-new-privileges = true;
    max-jobs = 4;
  };
}

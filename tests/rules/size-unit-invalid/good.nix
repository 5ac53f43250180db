{
  nix.settings = {
    min-free = 5 * 1024 * 1024 * 1024;
    max-free = "20G";
    download-buffer-size = "268435456";
    max-build-log-size = "+1024";
    gc-reserved-space = "-1";
    # kernel syntax, not Nix's
    sandbox-dev-shm-size = "50%";
  };
}

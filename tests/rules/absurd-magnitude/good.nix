{
  nix.settings = {
    max-jobs = 128;
    timeout = 86400;
    max-free = 9223372036854775807;
    http-connections = 128;
    download-buffer-size = 536870912;
  };
}

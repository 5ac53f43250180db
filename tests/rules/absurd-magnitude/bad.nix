{
  nix.settings = {
    download-buffer-size = 5 * 1024 * 1024 * 1024 * 1024 * 1024;
    max-jobs = 10000;
    timeout = 31536000;
  };
}

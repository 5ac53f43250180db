{
  nix.settings = {
    min-free = 10 * 1024 * 1024 * 1024;
    max-free = 53687091200; # 50 GiB
    download-buffer-size = 524288;
  };
}

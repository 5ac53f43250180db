{
  nix.settings = {
    connect-timeout = 15;
    download-buffer-size = 536870912; # 512 MiB for large binary cache fetches
    log-lines = 50;
  };
}

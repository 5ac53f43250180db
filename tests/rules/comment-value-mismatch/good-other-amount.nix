{
  nix.settings = {
    # the disk is 8 GB, see https://example.org/issues/4
    min-free = 536870912;
    max-free = 5 * 1024 * 1024 * 1024; # was 1 GiB
    download-buffer-size = 524288000; # default is 64 MiB
  };
}

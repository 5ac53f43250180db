{
  nix.extraOptions = ''
    keep-going = true
    download-buffer-size = 500000000
  '';
}

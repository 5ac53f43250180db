{
  nix.extraOptions = ''
    min-free = 1 GiB
    max-free = ${toString (10 * 1024 * 1024 * 1024)}
  '';
}

{
  nix.linux-builder = {
    enable = true;
    config = { ... }: { virtualisation.cores = 4; };
  };
}

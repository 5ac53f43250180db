{
  nix.linux-builder = {
    enable = true;
    config = { guest, ... }: { virtualisation = guest // { cores = 4; }; };
  };
}

{
  nix.linux-builder = {
    enable = true;
    config = {
      imports = [ ./guest.nix ];
      virtualisation.cores = 32;
    };
  };
}

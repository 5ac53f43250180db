{
  nix = {
    linux-builder = {
      enable = true;
      ephemeral = true;
    };
    settings.cores = 4;
  };
}

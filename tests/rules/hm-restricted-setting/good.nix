{
  home.stateVersion = "26.05";
  nix.settings = {
    max-jobs = 4;
    fallback = true;
    experimental-features = [ "nix-command" ];
    http-connections = 50;
    warn-dirty = false;
  };
}

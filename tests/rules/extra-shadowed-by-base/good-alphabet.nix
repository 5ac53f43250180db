{
  home.stateVersion = "26.05";
  nix.settings = {
    experimental-features = [ "nix-command" ];
    extra-experimental-features = [ "flakes" ];
  };
}

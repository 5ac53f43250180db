{
  home.stateVersion = "26.05";
  nix.settings = {
    auto-optimise-store = true;
    # for direnv
    keep-outputs = true;
    max-jobs = 4;
  };
}

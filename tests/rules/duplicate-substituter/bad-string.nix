{
  nix.settings.extra-substituters = "https://devenv.cachix.org https://helix.cachix.org https://DevEnv.cachix.org";
}

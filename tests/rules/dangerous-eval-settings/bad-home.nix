{
  home.stateVersion = "25.05";
  nix.settings.allow-unsafe-native-code-during-evaluation = true;
}

{
  nix.settings = {
    allow-unsafe-native-code-during-evaluation = true;
    max-jobs = 4;
  };
}

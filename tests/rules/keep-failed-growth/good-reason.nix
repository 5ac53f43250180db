{
  # because the GPU tests fail at random and their logs lie in the folder
  nix.settings.keep-failed = true;
}

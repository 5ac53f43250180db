{
  nix.settings.bash-prompt-suffix = "dev#shell$ ";
}

{ prompt, ... }:
{
  nix.settings.bash-prompt-suffix = "${prompt}#";
}

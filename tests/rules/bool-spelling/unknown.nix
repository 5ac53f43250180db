{ flags, ... }:
{
  nix.settings.keep-outputs = flags.keep;
}

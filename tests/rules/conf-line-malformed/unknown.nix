{ text, ... }:
{
  nix.extraOptions = text;
}

{ lib, ... }:
{
  nix.settings.bash-prompt = lib.mkForce "#1$ ";
}

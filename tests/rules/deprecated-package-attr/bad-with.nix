{ pkgs, ... }:
{
  nix = with pkgs; {
    package = nixVersions.unstable;
  };
}

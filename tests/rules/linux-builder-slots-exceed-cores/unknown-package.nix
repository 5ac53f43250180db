{ pkgs, ... }:
{
  nix.linux-builder = {
    enable = true;
    maxJobs = 4;
    package = pkgs.my-builder;
  };
}

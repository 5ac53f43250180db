{ pkgs, ... }:
{
  nix.settings = {
    min-free = "5G"; # 5 GiB
    max-free = "20G";
  };
}

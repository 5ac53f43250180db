# also reports: option-requires-nix-enable
{
  nix.enable = false;
  nix.gc.automatic = true;
}

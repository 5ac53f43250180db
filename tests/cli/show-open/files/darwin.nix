{ userConfig, ... }:

{
  system.stateVersion = 6;
  nix.settings = userConfig.nix;
}

{
  nix.settings."!include" = "/run/secrets/nix-tokens";
}

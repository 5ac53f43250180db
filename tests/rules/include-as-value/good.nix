{
  nix.extraOptions = ''
    !include /run/secrets/nix-tokens
  '';
}

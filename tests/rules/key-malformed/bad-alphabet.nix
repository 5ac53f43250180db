{
  # url-safe base64 is not base64 to Nix
  nix.settings.extra-trusted-public-keys = [ "acme-1:bXlzdGVyeSBrZXkgb2YgdGhpcnR5LXR3byBieXRlc_E=" ];
}

{
  nix.settings.experimental-features = [
    "nix-command"
    "flakes"
  ];
  nix.extraOptions = ''
    # for the installer
    experimental-features = nix-command flakes
    keep-outputs = true
  '';
}

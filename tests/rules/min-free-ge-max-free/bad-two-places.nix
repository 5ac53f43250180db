{
  nix.settings.min-free = 10737418240;
  # appended after the settings
  nix.extraOptions = ''
    max-free = 5368709120
  '';
}
# then reports: magic-byte-number

{
  # An example pair; nobody signs with it.
  nix.settings.trusted-public-keys = [
    "acme-example-1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw=="
  ];
}
